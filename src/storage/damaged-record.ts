import { MessengerError } from '../errors.js'

/** `RECORD_DAMAGED`: names the table of a record, its key up to the first slash, and nothing else of it. */
export function damagedRecord(key: string, cause?: unknown): MessengerError {
  const table = key.split('/', 1).join('')
  return new MessengerError('RECORD_DAMAGED', `A record of the table '${table}' is damaged`, { cause })
}
