import { isMessengerError, type ErrorCode } from '../library.js'
import { CommandError, type CommandErrorCode } from './command-error.js'

/** The exit codes, as `hallig --help` lists them. */
export const EXIT = { ok: 0, failure: 1, usage: 2, store: 3, notFound: 4, card: 5, file: 6 } as const

const BY_CODE: Readonly<Partial<Record<ErrorCode | CommandErrorCode, number>>> = {
  ADDRESS_INVALID: EXIT.usage,
  CONTENT_INVALID: EXIT.usage,
  OPTIONS_INVALID: EXIT.usage,
  TOO_LARGE: EXIT.usage,
  USAGE: EXIT.usage,

  KEY_FILE_UNSAFE: EXIT.store,
  NOT_INITIALISED: EXIT.store,
  PASSPHRASE_MISSING: EXIT.store,
  RECORD_DAMAGED: EXIT.store,
  SETTINGS_DAMAGED: EXIT.store,
  STORE_DAMAGED: EXIT.store,
  STORE_FAILED: EXIT.store,
  STORE_FULL: EXIT.store,
  STORE_LOCKED: EXIT.store,
  STORE_TOO_NEW: EXIT.store,
  STORE_UNWRITABLE: EXIT.store,
  WRONG_KEY: EXIT.store,

  CONTACT_AMBIGUOUS: EXIT.notFound,
  UNKNOWN_CONTACT: EXIT.notFound,
  UNKNOWN_CONVERSATION: EXIT.notFound,

  CARD_EXPIRED: EXIT.card,
  CARD_INVALID: EXIT.card,
  CARD_OF_SELF: EXIT.card,
  PICTURE_UNREADABLE: EXIT.card,

  FILE_DAMAGED: EXIT.file,
  FILE_INVALID: EXIT.file,
  FILE_OTHER_NETWORK: EXIT.file,
  FILE_TOO_NEW: EXIT.file,
  FILE_UNREADABLE: EXIT.file,
  FILE_UNWRITABLE: EXIT.file,
  FRAMES_MISSING: EXIT.file
}

/** The code and the exit status an error leaves with; whatever is not one of ours is a plain failure. */
export function classify(error: unknown): { readonly code: string; readonly exitCode: number } {
  if (error instanceof CommandError || isMessengerError(error)) {
    return { code: error.code, exitCode: BY_CODE[error.code] ?? EXIT.failure }
  }
  return { code: 'FAILED', exitCode: EXIT.failure }
}
