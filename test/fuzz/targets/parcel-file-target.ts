import { MAX_SYNC_FRAME } from '../../../src/protocol/limits.js'
import {
  beginReading,
  beginWriting,
  endWriting,
  readOn,
  writeFrame,
  type FileFrame,
  type FilePart
} from '../../../src/protocol/sync/parcel-file.js'
import { seeded } from '../../support/protocol-values.js'
import { DECODER_ALLOCATION, promise, scaleOf, type FuzzTarget } from '../target.js'

const random = seeded(0xf11e)

function fileOf(...frames: readonly FileFrame[]): Uint8Array {
  const begun = beginWriting('main')
  const pieces = [begun.bytes]
  let { writer } = begun
  for (const frame of frames) {
    const next = writeFrame(writer, frame)
    writer = next.writer
    pieces.push(next.bytes)
  }
  return new Uint8Array(Buffer.concat([...pieces, endWriting(writer)]))
}

function give(...sizes: readonly number[]): FileFrame {
  return { kind: 'give', given: sizes.map((size) => ({ number: 0, envelope: random(size) })) }
}

const secrets: FileFrame = { kind: 'purge', secrets: [random(16), random(16)] }

/** All parts, read in pieces of this size. */
function partsOf(input: Uint8Array, size: number): readonly FilePart[] | string {
  let reader = beginReading('main')
  const parts: FilePart[] = []
  for (let at = 0; at < input.length; at += size) {
    const step = readOn(reader, Uint8Array.from(input.subarray(at, at + size)))
    if (step.kind === 'rejected') return step.reason
    reader = step.reader
    promise(reader.rest.length <= MAX_SYNC_FRAME + 64, 'no more than one record waits')
    parts.push(...step.parts)
  }
  return parts
}

/** A file that somebody brings on a stick. */
export const parcelFileTarget: FuzzTarget = {
  name: 'parcel-file',
  weight: 40,
  samples: [fileOf(), fileOf(secrets, give(512)), fileOf(give(512, 1024), give(700), secrets)],
  maxLength: 8192,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const parts = partsOf(input, Math.max(1, input.length))
    const again = partsOf(input, 61)
    promise(JSON.stringify(parts) === JSON.stringify(again), 'the pieces it comes in change nothing')
    if (typeof parts === 'string') return parts
    const kinds = new Set(parts.map((part) => part.kind))
    const last = parts.at(-1)
    promise(parts.filter(({ kind }) => kind === 'end').length <= 1, 'a file ends once')
    if (last?.kind === 'end' && last.isWhole) promise(!kinds.has('damaged'), 'a damaged file is not whole')
    return `${[...kinds].toSorted().join('+')} ${scaleOf(parts.length)} ${String(last?.kind === 'end' && last.isWhole)}`
  }
}
