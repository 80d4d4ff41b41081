import { InvalidArgumentError, Option, type Command } from 'commander'
import type { MessengerOptions, NetworkSettings } from '../library.js'
import { dataDirectory } from './data-directory.js'
import type { Settings } from './settings.js'
import type { Surroundings } from './surroundings.js'

/** The options every command takes, as commander hands them over. */
export interface GlobalFlags {
  readonly dir?: string
  readonly passphraseFile?: string
  readonly json?: boolean
  readonly network?: string
  readonly bootstrap?: readonly string[]
  readonly listen?: readonly string[]
  readonly lan: boolean
  readonly carrier?: boolean
  readonly mailbox?: number
  readonly budget?: number
  readonly carryAbove?: number
  readonly relay?: boolean
}

/** The same, ready for use. */
export interface GlobalOptions {
  readonly directory: string
  /** The directory as the user said it with `--dir`. */
  readonly typedDirectory?: string
  readonly passphraseFile?: string
  readonly json: boolean
  readonly network?: string
  readonly bootstrap?: readonly string[]
  readonly listen?: readonly string[]
  /** False only if the user said `--no-lan`. */
  readonly lan: boolean
  /** False only if the user said `--no-carrier`. */
  readonly carrier: boolean
  /** Bytes, if the user said `--mailbox`. */
  readonly mailbox?: number
  /** A level from 0 to 1, if the user said `--carry-above`. */
  readonly carryAbove?: number
  /** True only if the user said `--relay`. */
  readonly relay?: boolean
  /** Bytes an hour, if the user said `--budget`. */
  readonly budget?: number
}

/** Declare the global options on the program. */
export function addGlobalOptions(program: Command): void {
  program
    .option(
      '--dir <path>',
      'where the identity and its messages live (default: $HALLIG_DIR, or your data directory)',
      notEmpty
    )
    .option(
      '--passphrase-file <file>',
      'read the passphrase of the store from a file (or set HALLIG_PASSPHRASE)'
    )
    .option('--json', 'answer in JSON, for programs')
    .option('--network <name>', 'the network to take part in (default: main)')
    .option(
      '--bootstrap <address>',
      'the address of a node to link to at start, as `hallig node` there prints it; may be repeated',
      collect
    )
    .option(
      '--listen <address>',
      'an address at which others can link to this device, such as /ip4/0.0.0.0/tcp/4040; may be repeated',
      collect
    )
    .option('--no-lan', 'do not look for nodes on the local network')
}

/** The global options of the command that was called. */
export function globalOptions(
  command: Command,
  surroundings: Pick<Surroundings, 'env' | 'platform' | 'home'>
): GlobalOptions {
  const { dir, json, ...rest } = command.optsWithGlobals<GlobalFlags>()
  return {
    directory: dataDirectory(dir, surroundings),
    json: json === true,
    lan: rest.lan,
    carrier: rest.carrier !== false,
    ...(dir === undefined ? {} : { typedDirectory: dir }),
    ...(rest.passphraseFile === undefined ? {} : { passphraseFile: rest.passphraseFile }),
    ...(rest.network === undefined ? {} : { network: rest.network }),
    ...(rest.bootstrap === undefined ? {} : { bootstrap: rest.bootstrap }),
    ...(rest.listen === undefined ? {} : { listen: rest.listen }),
    ...(rest.mailbox === undefined ? {} : { mailbox: rest.mailbox }),
    ...(rest.budget === undefined ? {} : { budget: rest.budget }),
    ...(rest.carryAbove === undefined ? {} : { carryAbove: rest.carryAbove }),
    ...(rest.relay === undefined ? {} : { relay: rest.relay })
  }
}

/** What the network is made with: what this call said, or else what `init` was told. */
export function networkSettings(options: GlobalOptions, settings: Settings): NetworkSettings {
  const name = options.network ?? settings.network
  const listen = options.listen ?? settings.listen
  const bootstrap = options.bootstrap ?? settings.bootstrap
  return {
    lan: options.lan && settings.lan !== false,
    ...(options.relay === true ? { relay: true } : {}),
    ...(name === undefined ? {} : { name }),
    ...(listen === undefined ? {} : { listen }),
    ...(bootstrap === undefined ? {} : { bootstrap })
  }
}

/** Declare what a command takes that bounds what it sends. */
export function addBudgetOption(command: Command): Command {
  return command.option(
    '--budget <size>',
    'most that is sent within an hour, such as 500K or 10M (default: no bound)',
    byteCount
  )
}

/** Declare what the commands take that decide what is kept for others, and what is sent. */
export function addCarrierOptions(command: Command): Command {
  return addBudgetOption(command)
    .option(
      '--mailbox <size>',
      'room for what is carried for others, such as 500M or 2G (default: 256M)',
      byteCount
    )
    .option('--no-carrier', 'carry nothing for others')
}

/** What mailbox and budget are made with: what this call said, or else what `init` was told. */
export function carrierSettings(
  options: GlobalOptions,
  settings: Settings
): Pick<MessengerOptions, 'carrier' | 'mailbox' | 'budget' | 'power'> {
  const quota = options.mailbox ?? settings.mailbox
  const carrier = options.carrier && (settings.carrier !== false || options.mailbox !== undefined)
  const bytesPerHour = options.budget ?? settings.budget
  return {
    ...(carrier ? {} : { carrier }),
    ...(quota === undefined ? {} : { mailbox: { quota } }),
    ...(bytesPerHour === undefined ? {} : { budget: { bytesPerHour } }),
    ...(options.carryAbove === undefined ? {} : { power: { carryAbove: options.carryAbove } })
  }
}

/** Bytes: a number, with K, M or G for the powers of 1024. */
export function byteCount(value: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMG]?)i?B?$/i.exec(value.trim()) ?? []
  const bytes = Number(digits) * 1024 ** ' KMG'.indexOf(unit === '' ? ' ' : unit.toUpperCase())
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError('Give a size such as 500M or 2G.')
  return bytes
}

/** A share from 0 to 1, given in percent. */
export function percent(value: string): number {
  const [, digits] = /^(\d{1,3})%?$/.exec(value.trim()) ?? []
  const share = Number(digits) / 100
  if (!(share <= 1)) throw new InvalidArgumentError('Give a number of percent, 0 to 100.')
  return share
}

/** `--wait <seconds>`, with a default in seconds; commands get milliseconds. */
export function waitOption(description: string, seconds: number): Option {
  return new Option('--wait <seconds>', description)
    .argParser(milliseconds)
    .default(seconds * 1000, String(seconds))
}

function milliseconds(value: string): number {
  const seconds = Number(value)
  if (value.trim() === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > MAX_SECONDS) {
    throw new InvalidArgumentError('Give a number of seconds.')
  }
  return seconds * 1000
}

/** Parses a count of at least one. */
export function countOption(value: string): number {
  const count = Number(value)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('Give a whole number from 1 up.')
  return count
}

/** A day: whoever wants to wait longer wants `hallig node`. */
const MAX_SECONDS = 86_400

/** A variable of a shell that is not set must not lead to another identity: `--dir "$STICK" wipe --yes`. */
function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('Name a folder.')
  return value
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
