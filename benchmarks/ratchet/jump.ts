import { performance } from 'node:perf_hooks'
import { systemRandom } from '../../src/platform/system.js'
import { DIRECT_FRAME_BYTES } from '../../src/protocol/envelope/direct.js'
import { encodePrefix, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { pad } from '../../src/protocol/envelope/padding.js'
import { MAX_SKIPPED_PER_SESSION, MIN_ENVELOPE_BYTES, NEXT_TAG_WINDOW } from '../../src/protocol/limits.js'
import { prepareMessage, sealMessage } from '../../src/protocol/ratchet/encrypt.js'
import { encodeHeader } from '../../src/protocol/ratchet/header.js'
import { percentile } from '../harness/summary.js'
import { heapBytes } from '../harness/heap.js'
import { day, hallig, type End } from './hallig.js'
import { CONTENT_BYTES, contentOf } from './pace.js'

const LARGEST_U32 = 2 ** 32 - 1
/** Forged envelopes of one kind in one measurement. */
const FORGERIES = 200
/** A byte inside the sealed header. */
const IN_HEADER = 40

/** What the largest jump costs that a contact can cause with one envelope: ms, and bytes kept because of it. */
export function jumpFar(): readonly [milliseconds: number, bytes: number] {
  const { ends } = hallig.makeStrangers().meet()
  const [alice, bob] = ends
  bob.decrypt(alice.encrypt(contentOf(CONTENT_BYTES)))
  const lostInNext = NEXT_TAG_WINDOW - 1
  lose(alice, MAX_SKIPPED_PER_SESSION - lostInNext)
  alice.decrypt(bob.encrypt(contentOf(CONTENT_BYTES)))
  lose(alice, lostInNext)
  const envelope = alice.encrypt(contentOf(CONTENT_BYTES))
  const before = heapBytes()
  const start = performance.now()
  bob.decrypt(envelope)
  const elapsed = performance.now() - start
  const kept = heapBytes() - before
  if (bob.skipped.length !== MAX_SKIPPED_PER_SESSION) throw new Error('The jump is the largest')
  return [elapsed, kept]
}

function lose(from: End, count: number): void {
  for (let index = 0; index < count; index++) from.encrypt(contentOf(CONTENT_BYTES))
}

/** Median µs until an envelope that may cause no jump is rejected, of the kind that takes longest. */
export function forgeJumps(): number {
  const { ends } = hallig.makeStrangers().meet()
  const [alice, bob] = ends
  bob.decrypt(alice.encrypt(contentOf(CONTENT_BYTES)))
  const sameChain = [
    flipped(alice.encrypt(contentOf(CONTENT_BYTES))),
    withHeader(alice, { number: LARGEST_U32 })
  ]
  const costs = sameChain.map((envelope) => rejection(bob, envelope))
  alice.decrypt(bob.encrypt(contentOf(CONTENT_BYTES)))
  const nextChain = withHeader(alice, { previousCount: LARGEST_U32 })
  return Math.max(...costs, rejection(bob, nextChain), rejection(bob, flipped(nextChain)))
}

function rejection(bob: End, envelope: Uint8Array): number {
  const times: number[] = []
  for (let index = 0; index < FORGERIES; index++) {
    const start = performance.now()
    const { kind } = bob.receive(envelope)
    times.push((performance.now() - start) * 1000)
    if (kind !== 'rejected') throw new Error('A forged envelope was taken')
  }
  return percentile(times, 0.5)
}

function flipped(envelope: Uint8Array): Uint8Array {
  const changed = envelope.slice()
  changed[IN_HEADER] = (changed[IN_HEADER] ?? 0) ^ 1
  return changed
}

/** The next envelope of a contact whose header tells a lie. */
function withHeader(
  alice: End,
  lie: { readonly number?: number; readonly previousCount?: number }
): Uint8Array {
  const prepared = prepareMessage(alice.session, systemRandom)
  const { ownRatchetKey } = prepared.session
  const honest = { ratchetKey: ownRatchetKey.publicKey, previousCount: 0, number: 0, pqEpoch: 0 }
  const header = encodeHeader({ ...honest, ...lie })
  const prefix = encodePrefix(LANE_TAGGED, day, prepared.tag)
  const body = pad(contentOf(CONTENT_BYTES), MIN_ENVELOPE_BYTES - DIRECT_FRAME_BYTES)
  const { nonce, sealedHeader, sealedBody } = sealMessage({ ...prepared, header }, prefix, body, systemRandom)
  return Uint8Array.from([...prefix, ...nonce, ...sealedHeader, ...sealedBody])
}
