import { MessengerError, type ErrorCode } from '../../library.js'

/** An error as it crosses to another process: what a person is told, and what a program goes by. */
export interface FailureRecord {
  readonly message: string
  /** Of a `MessengerError`. */
  readonly code?: string
}

/** The part of an error that crosses. */
export function failureRecord(error: unknown): FailureRecord {
  if (!(error instanceof Error)) return { message: String(error) }
  const isOurs = error.name === 'MessengerError' && 'code' in error && typeof error.code === 'string'
  return { message: error.message, ...(isOurs ? { code: String(error.code) } : {}) }
}

/** The error that a record tells of; undefined if it is none. */
export function failureOf(record: unknown): Error | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  if (!('message' in record) || typeof record.message !== 'string') return undefined
  if (!('code' in record) || !isErrorCode(record.code)) return new Error(record.message)
  return new MessengerError(record.code, record.message)
}

/** Both ends are of one release, so what the other calls a code is one. */
function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && /^[A-Z_]+$/.test(code)
}
