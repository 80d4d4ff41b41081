import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../src/clock.js'
import { signingPublicKey } from '../../src/crypto/signature.js'
import { createLibp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import type { Libp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import type { Libp2pNetworkOptions } from '../../src/network/libp2p/options.js'

export const TOPIC = '/hallig/1/test/0'
export const PROTOCOL = '/hallig/test/1'
export const STREAM_PROTOCOL = '/hallig/test-stream/1'

/** Real time, whose timers do not keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  schedule(delay, wake) {
    const timer = setTimeout(wake, delay)
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  }
}

/** Real time that passes `factor` times as fast, for what takes half a minute. */
export function createFastClock(factor: number): Clock {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * factor,
    schedule: (delay, wake) => realClock.schedule(delay / factor, wake)
  }
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

export function secureRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length))
}

/** A libp2p network on the loopback interface, found by nobody: tests dial. */
export function createTestNetwork(options: Partial<Libp2pNetworkOptions> = {}): Libp2pNetwork {
  return createLibp2pNetwork(testNetworkOptions(options))
}

export function testNetworkOptions(options: Partial<Libp2pNetworkOptions> = {}): Libp2pNetworkOptions {
  return {
    topics: [TOPIC],
    networkName: 'test',
    protocols: [PROTOCOL],
    streamProtocols: [STREAM_PROTOCOL],
    hash: sha256,
    signingPublicKey,
    random: secureRandom,
    clock: realClock,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    lan: false,
    ...options
  }
}
