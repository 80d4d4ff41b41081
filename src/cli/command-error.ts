/** What can go wrong in the command line itself, beside the library's own `ErrorCode`s. */
export type CommandErrorCode =
  | 'CONTACT_AMBIGUOUS'
  | 'FILE_DAMAGED'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'FRAMES_MISSING'
  | 'NOT_INITIALISED'
  | 'PASSPHRASE_MISSING'
  | 'PICTURE_UNREADABLE'
  | 'SETTINGS_DAMAGED'
  | 'UNFIT'
  | 'USAGE'

/** An error with a sentence for the person at the keyboard; thrown by commands, printed by `run`. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: CommandErrorCode

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
