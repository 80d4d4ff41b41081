import { encodePrefix, LANE_TAGGED, PREFIX_BYTES, TAG_BYTES } from '../../src/protocol/envelope/envelope.js'
import { MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import { beginWriting, endWriting, writeFrame } from '../../src/protocol/sync/parcel-file.js'
import { seededSource } from '../../src/simulator/seeded-source.js'

/** Envelopes in one record of the file. */
const PER_FRAME = 32

/** An envelope of the smallest size that nobody can open and nobody can tell from a real one; the same for the same seed. */
export function sealedNoise(seed: string, day: number): Uint8Array {
  const random = seededSource(seed)
  const bytes = new Uint8Array(MIN_ENVELOPE_BYTES)
  bytes.set(encodePrefix(LANE_TAGGED, day, random(TAG_BYTES)))
  bytes.set(random(MIN_ENVELOPE_BYTES - PREFIX_BYTES), PREFIX_BYTES)
  return bytes
}

/** A file of such envelopes, number `first` to `first + count - 1` of a seed, spread over `days` days from `day` on. */
export function* parcelFile(
  networkName: string,
  seed: string,
  first: number,
  count: number,
  day: number,
  days: number
): Generator<Uint8Array> {
  const begun = beginWriting(networkName)
  let { writer } = begun
  yield begun.bytes
  for (let done = 0; done < count; done += PER_FRAME) {
    const size = Math.min(PER_FRAME, count - done)
    const given = Array.from({ length: size }, (_, at) => {
      const number = first + done + at
      return { number: at, envelope: sealedNoise(`${seed} ${String(number)}`, day + (number % days)) }
    })
    const frame = writeFrame(writer, { kind: 'give', given })
    writer = frame.writer
    yield frame.bytes
  }
  yield endWriting(writer)
}
