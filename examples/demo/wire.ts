import type { Secret } from './reports.js'

/** `version u8 ‖ salt 8`, then `length u16 ‖ envelope` as often as there are envelopes: `docs/protocol.md`. */
const PARCEL_HEADER_BYTES = 9
const LENGTH_BYTES = 2

/** Bytes in a row that count as a find: eight equal ones by chance turn up once in a million million demonstrations. */
const RUN_BYTES = 8

/** The envelopes of a parcel; what is cut off at its end is left out. */
export function envelopesOf(parcel: Uint8Array): Uint8Array[] {
  const view = new DataView(parcel.buffer, parcel.byteOffset, parcel.byteLength)
  const envelopes: Uint8Array[] = []
  let offset = PARCEL_HEADER_BYTES
  while (offset + LENGTH_BYTES <= parcel.length) {
    const end = offset + LENGTH_BYTES + view.getUint16(offset)
    if (end <= parcel.length) envelopes.push(parcel.subarray(offset + LENGTH_BYTES, end))
    offset = end
  }
  return envelopes
}

/** The names of those secrets of which any eight bytes in a row occur in what was seen. */
export function findSecrets(seen: readonly Uint8Array[], secrets: readonly Secret[]): string[] {
  const names = new Map<bigint, string>()
  for (const { name, hex } of secrets) {
    for (const run of runsOf(Buffer.from(hex, 'hex'))) names.set(run, name)
  }
  const found = new Set<string>()
  for (const bytes of seen) {
    for (const run of runsOf(bytes)) {
      const name = names.get(run)
      if (name !== undefined) found.add(name)
    }
  }
  return [...found]
}

function* runsOf(bytes: Uint8Array): Iterable<bigint> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let offset = 0; offset + RUN_BYTES <= bytes.length; offset++) yield view.getBigUint64(offset)
}
