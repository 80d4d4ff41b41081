import assert from 'node:assert/strict'
import type { Connection, IdentifyResult } from '@libp2p/interface'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import {
  HolePuncher,
  PUNCH_PROTOCOL,
  type HolePuncherOptions
} from '../../../../src/network/libp2p/punching/hole-puncher.js'
import {
  decodeEndpoints,
  encodeEndpoints,
  endpointAt
} from '../../../../src/network/libp2p/punching/endpoints.js'
import { Punches, type Punch } from '../../../../src/network/libp2p/punching/punched-dials.js'
import { MAX_PUNCHES, MIN_PUNCH_AGAIN_MS, PUNCH_TRIES } from '../../../../src/network/limits.js'
import { createVirtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.js'
import { parseAddress, portOf } from '../../../../src/network/libp2p/addresses.js'

const OURS = '203.0.113.9'
const THEIRS = endpointAt('203.0.113.13', 50_000)
const RELAYED = '/ip4/203.0.113.1/tcp/4040/p2p-circuit'

/** A dial as it was asked for, and what was agreed on for it then. */
interface Dialled {
  readonly at: number
  readonly address: string
  readonly punch: Punch | undefined
}

describe('network/libp2p/punching/hole-puncher', () => {
  const punches = new Punches()
  let clock: VirtualClock
  let connections: Connection[]
  let dials: Dialled[]
  let asked: Uint8Array[]
  let answer: Uint8Array
  let isKept: boolean
  let dialFirst: HolePuncherOptions['dialler']['dialFirst']
  let puncher: HolePuncher
  let peer: Connection['remotePeer']

  beforeEach(async () => {
    peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    clock = createVirtualClock()
    ;[connections, dials, asked, answer, isKept] = [[], [], [], encodeEndpoints([THEIRS]), true]
    dialFirst = () => Promise.reject(new Error('Nobody answers'))
    puncher = new HolePuncher({
      node: { getConnections: () => connections },
      dialler: {
        dialFirst(addresses, signal) {
          const [address = ''] = addresses
          const bare = parseAddress(address.replace(/\/p2p\/.*/, ''))
          dials.push({ at: clock.now(), address, punch: punches.of(bare) })
          return dialFirst(addresses, signal)
        }
      },
      requests: {
        send(_connection, protocol, request) {
          assert.equal(protocol, PUNCH_PROTOCOL)
          asked.push(request)
          return Promise.resolve(answer)
        }
      },
      punches,
      clock,
      random: (length) => new Uint8Array(length).fill(3),
      logger: undefined,
      isKept: () => isKept
    })
  })
  afterEach(async () => {
    puncher.stop()
    await clock.advance(0)
  })

  /** What of a connection is looked at. */
  function connectionOver(
    address: string,
    direction: Connection['direction'] = 'outbound',
    rtt?: number
  ): Connection {
    const parts = { remoteAddr: multiaddr(address), remotePeer: peer, direction, status: 'open', rtt }
    const connection = Object.assign(new EventTarget(), parts) as unknown as Connection
    connections.push(connection)
    return connection
  }

  function close(connection: Connection): void {
    Object.assign(connection, { status: 'closed' }).dispatchEvent(new Event('close'))
  }

  function identify(connection: Connection, observedAddr?: string, protocols = [PUNCH_PROTOCOL]): void {
    const seen = observedAddr === undefined ? {} : { observedAddr: multiaddr(observedAddr) }
    puncher.identified({ connection, protocols, ...seen } as unknown as IdentifyResult)
  }

  /** Somebody on the internet has told this node where it is seen. */
  function seen(at = OURS, from = '203.0.113.1'): void {
    const { remoteAddr } = { remoteAddr: multiaddr(`/ip4/${from}/tcp/4040`) }
    puncher.identified({
      connection: { remoteAddr },
      protocols: [],
      observedAddr: multiaddr(`/ip4/${at}/tcp/33333`)
    } as unknown as IdentifyResult)
  }

  it('asks the other end of a link through a relay that it dialled, and dials where that says, from the port it named', async () => {
    seen()
    dialFirst = () => Promise.resolve({ peer: String(peer), address: '' })
    identify(connectionOver(RELAYED))
    await clock.advance(0)
    const [own] = decodeEndpoints(asked[0] ?? new Uint8Array(0)) ?? []
    assert.ok(own !== undefined)
    assert.match(own.toString(), /^\/ip4\/203\.0\.113\.9\/tcp\/\d+$/)
    assert.deepEqual(dials, [
      {
        at: clock.now(),
        address: `${THEIRS.toString()}/p2p/${String(peer)}`,
        punch: { localPort: portOf(own), speaksFirst: true }
      }
    ])
    assert.equal(punches.of(THEIRS), undefined, 'nothing is left of it')
  })

  it('answers with an endpoint of its own, and dials half a round trip later, to be spoken to', async () => {
    seen()
    connectionOver(RELAYED, 'inbound', 300)
    const began = clock.now()
    const [own] =
      decodeEndpoints(puncher.answer(encodeEndpoints([THEIRS]), String(peer)) ?? new Uint8Array(0)) ?? []
    assert.ok(own !== undefined)
    await clock.advance(200)
    assert.deepEqual(dials[0], {
      at: began + 150,
      address: `${THEIRS.toString()}/p2p/${String(peer)}`,
      punch: { localPort: portOf(own), speaksFirst: false }
    })
  })

  it('tells nobody where it is whose link it does not keep up', async () => {
    seen()
    isKept = false
    identify(connectionOver(RELAYED))
    await clock.advance(60_000)
    assert.deepEqual(asked, [])
    assert.deepEqual(puncher.answer(encodeEndpoints([THEIRS]), String(peer)), encodeEndpoints([]))
    assert.deepEqual(dials, [])
  })

  it('does nothing beside a direct link, nor for who is not linked through a relay', async () => {
    seen()
    assert.deepEqual(puncher.answer(encodeEndpoints([THEIRS]), String(peer)), encodeEndpoints([]))
    const relayed = connectionOver(RELAYED)
    connectionOver('/ip4/203.0.113.13/tcp/4001')
    identify(relayed)
    await clock.advance(60_000)
    assert.deepEqual([asked, dials], [[], []])
    assert.deepEqual(puncher.answer(encodeEndpoints([THEIRS]), String(peer)), encodeEndpoints([]))
  })

  it('asks only who speaks of it, and leaves that to the other end where that has dialled', async () => {
    seen()
    identify(connectionOver(RELAYED), undefined, [])
    identify(connectionOver(RELAYED, 'inbound'))
    await clock.advance(60_000)
    assert.deepEqual(asked, [])
  })

  it('believes only who is on the internet where it is seen there', async () => {
    seen('192.168.1.2')
    seen(OURS, '192.168.1.1')
    identify(connectionOver('/ip4/192.168.1.7/tcp/4001'), `/ip4/${OURS}/tcp/1`)
    connections = []
    identify(connectionOver(RELAYED), `/ip4/${OURS}/tcp/1`)
    await clock.advance(60_000)
    assert.deepEqual(asked, [])
    // One that is known now is used by the next attempt.
    seen()
    await clock.advance(600_000)
    assert.ok(asked.length > 0)
  })

  it('has no answer to what is no proposal, and dials nowhere but in public', () => {
    seen()
    connectionOver(RELAYED, 'inbound')
    assert.equal(puncher.answer(new Uint8Array(0), String(peer)), undefined)
    const neighbour = encodeEndpoints([multiaddr('/ip4/192.168.1.1/tcp/50000')])
    assert.equal(puncher.answer(neighbour, String(peer)), undefined)
    const otherFamily = encodeEndpoints([endpointAt('2001:db8::1', 50_000)])
    assert.deepEqual(puncher.answer(otherFamily, String(peer)), encodeEndpoints([]))
    assert.deepEqual(dials, [])
  })

  it('dials a few times where it is refused, then waits ever longer for the next attempt while the link lasts', async () => {
    seen()
    const began = clock.now()
    const connection = connectionOver(RELAYED)
    identify(connection)
    await clock.advance(MIN_PUNCH_AGAIN_MS - 1)
    assert.deepEqual([asked.length, dials.length], [1, PUNCH_TRIES])
    await clock.advance(3_600_000)
    const attempts = asked.length
    assert.ok(attempts >= 8 && attempts <= 12, String(attempts))
    assert.ok(new Set(dials.map(({ punch }) => punch?.localPort)).size >= 1)
    close(connection)
    connections = []
    await clock.advance(24 * 3_600_000)
    assert.equal(asked.length, attempts)
    assert.equal(clock.pending, 0)
    assert.ok(clock.now() > began)
  })

  it('waits as long over the next link when that ends every two minutes, until this node is seen elsewhere', async () => {
    /** Attempts in an hour of such links. */
    async function attempts(): Promise<number> {
      const before = asked.length
      for (let minute = 0; minute < 60; minute += 2) {
        const connection = connectionOver(RELAYED)
        identify(connection)
        await clock.advance(120_000)
        close(connection)
        await clock.advance(0)
        assert.equal(clock.pending, 0)
        connections = []
      }
      return asked.length - before
    }
    seen()
    const [first, second] = [await attempts(), await attempts()]
    // One as each link begins.
    assert.ok(first > 30 && first <= 40, String(first))
    assert.equal(second, 30)
    seen('203.0.113.10')
    assert.equal(await attempts(), first)
  })

  it('gives up a dial into silence after a while, and begins no second one beside it', async () => {
    seen()
    connectionOver(RELAYED, 'inbound')
    dialFirst = (_addresses, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('Aborted'))
        })
      })
    const proposal = encodeEndpoints([THEIRS])
    assert.equal(decodeEndpoints(puncher.answer(proposal, String(peer)) ?? proposal)?.length, 1)
    assert.deepEqual(puncher.answer(proposal, String(peer)), encodeEndpoints([]))
    await clock.advance(60_000)
    assert.equal(dials.length, 1)
    assert.equal(punches.of(THEIRS), undefined)
    assert.equal(decodeEndpoints(puncher.answer(proposal, String(peer)) ?? proposal)?.length, 1)
  })

  it('makes no more attempts at once than it may', async () => {
    seen()
    dialFirst = () => new Promise(() => undefined)
    const answered: number[] = []
    for (let n = 0; n <= MAX_PUNCHES; n += 1) {
      peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      connectionOver(RELAYED, 'inbound')
      const reply = puncher.answer(encodeEndpoints([THEIRS]), String(peer)) ?? new Uint8Array(0)
      answered.push(decodeEndpoints(reply)?.length ?? 0)
    }
    assert.deepEqual(answered, [...new Array<number>(MAX_PUNCHES).fill(1), 0])
  })

  it('ends all of it when the network stops', async () => {
    seen()
    connectionOver(RELAYED, 'inbound', 10_000)
    puncher.answer(encodeEndpoints([THEIRS]), String(peer))
    puncher.stop()
    await clock.advance(60_000)
    assert.deepEqual(dials, [])
    assert.equal(clock.pending, 0)
  })
})
