import { sha256 } from '../../src/crypto/hash.js'
import { seededSource } from '../../src/simulator/seeded-source.js'
import { MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import { decodeFrame } from '../../src/protocol/sync/frames.js'
import { envelopeId, type Item } from '../../src/protocol/sync/item.js'
import { Side, type Missable } from './side.js'

/** Days that what is common to both expires on. */
const DAYS = 30
const FIRST_DAY = 20_000
/** Bytes of the length before each frame on the stream: of one up to 127 bytes, one up to 16 KiB two, else three. */
const SHORT = 0x80
const LONG = 0x4000

/** Sessions in a row: one has a bounded number of rounds. */
const MAX_SESSIONS = 8

/** Whether what is missed expires later than all that is common, as nothing crossed since the cut, or is spread among it. */
export type Layout = 'newest' | 'scattered'

/** What it takes to make two sets equal, in bytes both ways. */
export interface Cost {
  /** Everything but the envelopes themselves. */
  readonly bytes: number
  readonly frames: number
  /** Envelopes that crossed. */
  readonly moved: number
}

/** Let two sides with so many envelopes in common, and `missing` on one of them only, half on each, run sessions until both are equal. */
export function reconcileSets(common: number, missing: number, layout: Layout): Cost {
  const seed = `${layout} ${String(common)} ${String(missing)}`
  const random = seededSource(seed)
  const dayOf = (index: number): number => FIRST_DAY + (layout === 'newest' ? DAYS : index % DAYS)
  const shared = Array.from({ length: common }, (_, index): Item => ({
    day: FIRST_DAY + (index % DAYS),
    id: sha256(new TextEncoder().encode(`${seed} ${String(index)}`))
  }))
  const envelopes = Array.from({ length: missing }, (_, index): Missable => {
    const bytes = random(MIN_ENVELOPE_BYTES)
    const day = dayOf(index)
    bytes.set([day >> 8, day & 0xff])
    return { item: itemOf(bytes), bytes }
  })
  const half = Math.ceil(missing / 2)
  const opener = new Side(shared, envelopes.slice(0, half), itemOf)
  const taker = new Side(shared, envelopes.slice(half), itemOf)
  let cost: Cost = { bytes: 0, frames: 0, moved: 0 }
  for (let sessions = 0; sessions < MAX_SESSIONS && (sessions === 0 || cost.moved < missing); sessions++) {
    const { bytes, frames, moved } = run(opener, taker)
    cost = { bytes: cost.bytes + bytes, frames: cost.frames + frames, moved: cost.moved + moved }
  }
  if (opener.index.size !== common + missing || taker.index.size !== common + missing)
    throw new Error('The sets are not equal after these sessions')
  return cost
}

/** The day is in the first bytes of these envelopes. */
function itemOf(envelope: Uint8Array): Item {
  return { day: (envelope[0] ?? 0) * 256 + (envelope[1] ?? 0), id: envelopeId(envelope) }
}

function run(opener: Side, taker: Side): Cost {
  let [bytes, frames, moved] = [0, 0, 0]
  const carryOver = (from: Side, to: Side): boolean => {
    const frame = from.out.shift()
    if (frame === undefined) return false
    const decoded = decodeFrame(frame)
    const given = decoded?.kind === 'give' ? decoded.given : []
    const payload = given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
    bytes += frame.length + prefixBytes(frame.length) - payload
    frames++
    moved += given.length
    to.receive(frame)
    return true
  }
  taker.await()
  opener.open()
  while ([carryOver(opener, taker), carryOver(taker, opener)].some(Boolean));
  return { bytes, frames, moved }
}

function prefixBytes(length: number): number {
  return length < SHORT ? 1 : length < LONG ? 2 : 3
}
