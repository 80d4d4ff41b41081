import { Body } from '../../codec/payload.js'

/** A body by itself, as the outbox keeps it. */
export function encodeBody(body: Body): Uint8Array {
  return Body.encode(body)
}

/** A body this device wrote; `undefined` if its bytes are damaged. */
export function decodeBody(bytes: Uint8Array): Body | undefined {
  try {
    return Body.decode(bytes)
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}
