import { decodeFrame } from '../../src/protocol/sync/frames.js'
import { itemOf, type Sets } from './sets.js'
import { Side } from './side.js'

/** Bytes of the length before each frame on the stream: of one up to 127 bytes, one up to 16 KiB two, else three. */
const SHORT = 0x80
const LONG = 0x4000

/** Sessions in a row: one has a bounded number of rounds. */
const MAX_SESSIONS = 8

/** What it takes to make two sets equal, in bytes both ways. */
export interface Cost {
  /** Everything but the envelopes themselves. */
  readonly bytes: number
  readonly frames: number
  /** Envelopes that crossed. */
  readonly moved: number
}

/** Run sessions between two sides until both hold the same. */
export function reconcileSets(sets: Sets): Cost {
  const { shared } = sets
  const missing = sets.opener.length + sets.taker.length
  const opener = new Side(shared, sets.opener, itemOf)
  const taker = new Side(shared, sets.taker, itemOf)
  let cost: Cost = { bytes: 0, frames: 0, moved: 0 }
  for (let sessions = 0; sessions < MAX_SESSIONS && (sessions === 0 || cost.moved < missing); sessions++) {
    const { bytes, frames, moved } = run(opener, taker)
    cost = { bytes: cost.bytes + bytes, frames: cost.frames + frames, moved: cost.moved + moved }
  }
  if ([opener, taker].some(({ index }) => index.size !== shared.length + missing))
    throw new Error('The sets are not equal after these sessions')
  return cost
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
