import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  isMessengerError,
  MessengerError,
  type ImportReport,
  type Messenger,
  type ParcelSource
} from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { commandLine } from '../command-line.js'
import { countText } from '../count-text.js'
import { classify, EXIT } from '../exit-code.js'
import { fileError } from '../file-error.js'
import { collectFrames } from '../frame-input.js'
import { untilInterrupted } from '../interruption.js'
import { ProgressLine } from '../progress-line.js'
import { sanitiseLine } from '../sanitise.js'
import { sizeText } from '../size-text.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig import`: take in files that `hallig export` wrote. */
export function registerImport(program: Command, surroundings: Surroundings): void {
  program
    .command('import')
    .description('take in files of `hallig export`: messages for you, and what you carry on for others')
    .argument(
      '<files...>',
      'the files, or - for stdin; with --qr pictures, folders of them, or files of ur: lines'
    )
    .option('--qr', 'read the changing QR codes of `hallig export --qr`, from as many pictures as there are')
    .action(async (files: readonly string[], flags: { readonly qr?: boolean }, command: Command) => {
      const call = callOf(command, surroundings)
      await (flags.qr === true ? importFrames(call, files) : importFiles(call, files))
    })
}

async function importFiles(call: Call, files: readonly string[]): Promise<void> {
  await withMessenger(call, 'offline', async (messenger) => {
    const damaged: string[] = []
    const foreign: string[] = []
    const unusable: (CommandError | MessengerError)[] = []
    for (const file of files) {
      try {
        const report = await importFrom(call, messenger, file, await sourceOf(call, file))
        if (!report.complete) damaged.push(file)
      } catch (error) {
        // One file that is none must not keep the others of a stick from being taken.
        if (!isAboutFile(error)) throw error
        if (isMessengerError(error, 'FILE_INVALID')) foreign.push(file)
        else unusable.push(error)
      }
    }
    if (foreign.length > 0) unusable.unshift(notOurs(foreign))
    if (damaged.length > 0) unusable.push(damage(damaged))
    throwAll(unusable)
  })
}

function isAboutFile(error: unknown): error is CommandError | MessengerError {
  return (error instanceof CommandError || isMessengerError(error)) && classify(error).exitCode === EXIT.file
}

/** Several errors leave as one, in as many sentences, under the code of the first. */
function throwAll(errors: readonly (CommandError | MessengerError)[]): void {
  const [first, ...others] = errors
  if (first === undefined) return
  if (others.length === 0) throw first
  const message = errors.map((error) => error.message).join('. ')
  throw first instanceof CommandError
    ? new CommandError(first.code, message, { cause: first })
    : new MessengerError(first.code, message, { cause: first })
}

async function importFrames(call: Call, files: readonly string[]): Promise<void> {
  const progress = new ProgressLine(call)
  const collected = await collectFrames(call, files, progress).finally(() => {
    progress.end()
  })
  await withMessenger(call, 'offline', async (messenger) => {
    const report = await importFrom(call, messenger, 'QR codes', {
      pieces: [collected],
      size: collected.length
    })
    if (!report.complete) throw damage(['QR codes'])
  })
}

interface Input {
  readonly pieces: ParcelSource
  /** Bytes, where that is known. */
  readonly size?: number
}

async function sourceOf({ surroundings }: Call, file: string): Promise<Input> {
  if (file === '-') return { pieces: bytesOf(surroundings.stdin) }
  try {
    const found = await stat(file)
    if (found.isDirectory())
      throw new CommandError(
        'FILE_UNREADABLE',
        `${shown(file)} is a folder; name a file in it, or read pictures of QR codes from it with --qr`
      )
    const { size } = found
    // What a stick leaves that was pulled out too early: the name, and nothing in it.
    if (found.isFile() && size === 0)
      throw new CommandError('FILE_DAMAGED', `${shown(file)} is empty: copy it again, or export it anew`)
    return { pieces: bytesOf(createReadStream(file)), size }
  } catch (error) {
    throw fileError('read', shown(file), error)
  }
}

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    if (piece instanceof Uint8Array) yield piece
    else if (typeof piece === 'string') yield Buffer.from(piece)
  }
}

async function importFrom(
  call: Call,
  messenger: Messenger,
  file: string,
  { pieces, size }: Input
): Promise<ImportReport> {
  const progress = new ProgressLine(call)
  try {
    const report = await untilInterrupted(async (signal) =>
      messenger.importParcels(pieces, {
        signal,
        onProgress: (so) => {
          progress.show(() => progressText(so, size))
        }
      })
    )
    progress.end()
    call.output.print(reportLines(file, report, commandLine(call.options, 'read')), { file, ...report })
    return report
  } catch (error) {
    throw isMessengerError(error) && error.code.startsWith('FILE_')
      ? new MessengerError(error.code, `${shown(file)}: ${error.message}`, { cause: error })
      : fileError('read', shown(file), error)
  } finally {
    progress.end()
  }
}

function progressText({ read, bytes }: ImportReport, size: number | undefined): string {
  const share =
    size === undefined || size === 0 ? sizeText(bytes) : `${String(Math.floor((bytes / size) * 100))} %`
  return `${countText(read, 'envelope')} read, ${share}`
}

function reportLines(
  file: string,
  { read: envelopes, taken, known, refused, opened }: ImportReport,
  read: string
): string[] {
  const parts = [
    `${String(taken)} new`,
    ...(known > 0 ? [`${String(known)} known`] : []),
    ...(refused > 0 ? [`${String(refused)} refused: expired, or no envelopes`] : [])
  ]
  const forYou =
    opened > 0
      ? ` ${String(opened)} ${opened === 1 ? 'was' : 'were'} for you, messages or receipts: ${read}.`
      : ''
  return [`${shown(file)}: ${countText(envelopes, 'envelope')}, ${parts.join(', ')}.${forYou}`]
}

function notOurs(files: readonly string[]): MessengerError {
  const names = files.slice(0, MAX_NAMED).map(shown).join(', ')
  const more = files.length > MAX_NAMED ? ` and ${String(files.length - MAX_NAMED)} more` : ''
  const are = files.length === 1 ? 'is no file' : 'are no files'
  return new MessengerError(
    'FILE_INVALID',
    `${names}${more} ${are} that Hallig exported; choose others, or give pictures of its QR codes to \`hallig import --qr\``
  )
}

/** A folder of pictures has more names than a screen has lines. */
const MAX_NAMED = 3

function damage(files: readonly string[]): CommandError {
  const which = files.map(shown).join(', ')
  const verb = files.length === 1 ? 'is' : 'are'
  return new CommandError(
    'FILE_DAMAGED',
    `${which} ${verb} cut off or damaged; what could be read was taken. Copy again and import once more`
  )
}

/** Safe to print: a stick from a stranger has names that a stranger chose. */
function shown(file: string): string {
  return file === '-' ? 'stdin' : sanitiseLine(file)
}
