import { deserialize, serialize } from 'node:v8'

/** What crosses between a command and the one that has the store, in either direction. */
export type Frame =
  | readonly [kind: 'request', id: number, method: string, args: readonly unknown[]]
  /** Ends a request early. */
  | readonly [kind: 'abort', id: number]
  | readonly [kind: 'progress', id: number, report: unknown]
  | readonly [kind: 'answer', id: number, value: unknown]
  | readonly [kind: 'failure', id: number, record: unknown]
  /** Answers nothing: something happened. */
  | readonly [kind: 'event', id: 0, name: string, detail: unknown]

/** Largest frame that is taken from a command, bytes: a text as long as `send -` reads, which the messenger then refuses in words. */
export const MAX_COMMAND_FRAME = 4 * 1024 * 1024
/** Largest frame that a command takes, bytes: the last message of each of some thousands of conversations. */
export const MAX_HOLDER_FRAME = 256 * 1024 * 1024

/** A frame as bytes. Throws if it holds what cannot cross, such as a function. */
export function encodeFrame(frame: Frame): Uint8Array {
  return serialize(frame)
}

/** The frame in some bytes; undefined if they hold none. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const fields = fieldsOf(bytes)
  const [kind, id, first, second] = fields
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined
  switch (kind) {
    case 'request':
      return typeof first === 'string' && isList(second) ? [kind, id, first, second] : undefined
    case 'event':
      return typeof first === 'string' ? [kind, 0, first, second] : undefined
    case 'progress':
    case 'answer':
    case 'failure':
      return [kind, id, first]
    case 'abort':
      return [kind, id]
    default:
      return undefined
  }
}

function fieldsOf(bytes: Uint8Array): readonly unknown[] {
  try {
    const fields: unknown = deserialize(bytes)
    return isList(fields) ? fields : []
  } catch {
    // Not written by `serialize`.
    return []
  }
}

/** Whether something that crossed is a list. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
