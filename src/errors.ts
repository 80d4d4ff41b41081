/**
 * Every error a caller of Hallig can cause or has to react to, by its literal code.
 * The sentence in `message` says what to do; programs branch on `code`.
 */
export type ErrorCode =
  | 'ABORTED'
  | 'ADDRESS_INVALID'
  | 'ADDRESS_IN_USE'
  | 'CARD_EXPIRED'
  | 'CARD_INVALID'
  | 'CARD_OF_SELF'
  | 'CLOSED'
  | 'CONTACT_BLOCKED'
  | 'CONTENT_INVALID'
  | 'DIAL_FAILED'
  | 'FILE_INVALID'
  | 'FILE_OTHER_NETWORK'
  | 'FILE_TOO_NEW'
  | 'IDENTITY_CHANGED'
  | 'KEY_FILE_UNSAFE'
  | 'NETWORK_FAILED'
  | 'NOT_STARTED'
  | 'OPTIONS_INVALID'
  | 'OUTBOX_FULL'
  | 'RECORD_DAMAGED'
  | 'STORE_DAMAGED'
  | 'STORE_FAILED'
  | 'STORE_FULL'
  | 'STORE_LOCKED'
  | 'STORE_TOO_NEW'
  | 'STORE_UNWRITABLE'
  | 'TOO_LARGE'
  | 'UNKNOWN_CONTACT'
  | 'UNKNOWN_CONVERSATION'
  | 'WRONG_KEY'

/** The one error type Hallig throws: API misuse and local failure, never something a stranger sent. */
export class MessengerError extends Error {
  override readonly name = 'MessengerError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether `error` is a {@link MessengerError}, optionally with this very `code`; works across copies of the package. */
export function isMessengerError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code
): error is MessengerError & { readonly code: Code } {
  return (
    error instanceof Error &&
    error.name === 'MessengerError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}
