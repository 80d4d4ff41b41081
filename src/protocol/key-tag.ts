import type { Reader } from '../codec/reader.js'
import type { Writer } from '../codec/writer.js'
import { KEM_PUBLIC_KEY_BYTES } from '../crypto/kem.js'

/** One byte before every public key, so that no key can be taken for one of another kind (PQXDH revision 3, §4.9). */
const KEY_KINDS = {
  ed25519: { tag: 1, length: 32 },
  x25519: { tag: 2, length: 32 },
  mlkem768: { tag: 3, length: KEM_PUBLIC_KEY_BYTES }
} as const

export type KeyKind = keyof typeof KEY_KINDS

/** Append `tag u8 ‖ key`. */
export function writeKey(writer: Writer, kind: KeyKind, key: Uint8Array): Writer {
  const { tag, length } = KEY_KINDS[kind]
  if (key.length !== length) throw new RangeError(`A ${kind} key has ${String(length)} bytes`)
  return writer.u8(tag).bytes(key)
}

/** The key after its tag; `undefined` if the tag is another kind's or bytes are missing. A copy, not a view. */
export function readKey(reader: Reader, kind: KeyKind): Uint8Array | undefined {
  const { tag, length } = KEY_KINDS[kind]
  const found = reader.u8()
  const key = reader.bytes(length)
  return found === tag && !reader.failed ? key.slice() : undefined
}
