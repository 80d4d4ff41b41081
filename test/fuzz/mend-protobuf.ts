import { joined } from '../support/protocol-values.js'

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2
const FIXED32 = 5
/** Longest varint, bytes. */
const MAX_VARINT = 10

/** Bytes of the varint at the beginning, or 0 if there is none. */
function varintLength(bytes: Uint8Array): number {
  const length = bytes.findIndex((byte) => byte < 0x80) + 1
  return length > MAX_VARINT ? 0 : length
}

function lengthAt(bytes: Uint8Array, length: number): number {
  return bytes.subarray(0, length).reduce((value, byte, at) => value + (byte & 0x7f) * 2 ** (7 * at), 0)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Uint8Array.from([...bytes, rest])
}

/** One field, with a length that fits what is left; what cannot be a field ends everything. */
function mendField(
  bytes: Uint8Array,
  depth: number
): { readonly field: Uint8Array; readonly used: number } | undefined {
  const tag = varintLength(bytes)
  const rest = bytes.subarray(tag)
  const wire = (bytes[0] ?? 0) & 7
  const fixed = wire === VARINT ? varintLength(rest) : wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : 0
  if (tag === 0 || (wire !== DELIMITED && (fixed === 0 || fixed > rest.length))) return undefined
  if (wire !== DELIMITED) return { field: bytes.subarray(0, tag + fixed), used: tag + fixed }
  const prefix = varintLength(rest)
  if (prefix === 0) return undefined
  const content = rest.subarray(prefix, prefix + lengthAt(rest, prefix))
  const mended = depth > 0 ? mendProtobuf(content, depth - 1) : content
  return {
    field: joined(bytes.subarray(0, tag), varint(mended.length), mended),
    used: tag + prefix + content.length
  }
}

/** The fields that mutated protobuf still has, down to so many levels, with lengths that hold: else one changed length hides all behind it. */
export function mendProtobuf(bytes: Uint8Array, depth: number): Uint8Array {
  const fields: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const mended = mendField(bytes.subarray(at), depth)
    if (mended === undefined) break
    fields.push(mended.field)
    at += mended.used
  }
  return joined(...fields)
}
