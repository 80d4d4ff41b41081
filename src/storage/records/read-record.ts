import { isMessengerError } from '../../errors.js'
import type { RecordCodec } from './record-codec.js'
import type { Store } from '../store.js'

/**
 * The record under `key`, or `undefined` if there is none or it cannot be read: for what the messenger can do without or make anew. Other
 * failures of the store are thrown.
 */
export async function readRecord<T>(
  store: Pick<Store, 'get'>,
  key: string,
  codec: RecordCodec<T>
): Promise<T | undefined> {
  try {
    const bytes = await store.get(key)
    return bytes === undefined ? undefined : codec.decode(bytes)
  } catch (error) {
    throwUnlessDamaged(error)
    return undefined
  }
}

/** The record in `bytes`, or `undefined` if it cannot be read. */
export function decodeReadable<T>(bytes: Uint8Array, codec: RecordCodec<T>): T | undefined {
  try {
    return codec.decode(bytes)
  } catch (error) {
    throwUnlessDamaged(error)
    return undefined
  }
}

function throwUnlessDamaged(error: unknown): void {
  if (!isMessengerError(error, 'RECORD_DAMAGED')) throw error
}
