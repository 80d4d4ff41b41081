import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { MessengerError } from '../library.js'
import { CommandError } from './command-error.js'

/** What `hallig init` was told and later commands need to know; `settings.json` beside the store. Holds no secret. */
export interface Settings {
  /** Whether the store opens with a passphrase instead of a key file. */
  readonly passphrase: boolean
  readonly network?: string
  readonly listen?: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly lan?: boolean
  /** False for a device that keeps nothing for others. */
  readonly carrier?: boolean
  /** Bytes of envelopes kept for others. */
  readonly mailbox?: number
  /** Bytes that may be sent within an hour. */
  readonly budget?: number
}

/** The settings of a directory; undefined if nothing was initialised there. */
export async function readSettings(directory: string): Promise<Settings | undefined> {
  const file = settingsFile(directory)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw unusable(directory, error)
  }
  const settings = parseSettings(text)
  if (settings === undefined) {
    throw new CommandError(
      'SETTINGS_DAMAGED',
      `${file} is damaged; correct it, or delete it and run \`hallig init\` again`
    )
  }
  return settings
}

/** Write the settings in one step; makes the directory, for this user only. */
export async function writeSettings(directory: string, settings: Settings): Promise<void> {
  const file = settingsFile(directory)
  try {
    await makeDirectory(directory)
    await writeFile(`${file}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
    await rename(`${file}.new`, file)
  } catch (error) {
    throw unusable(directory, error)
  }
}

/** Remove the settings: nothing is initialised there any more. */
export async function removeSettings(directory: string): Promise<void> {
  try {
    await rm(settingsFile(directory), { force: true })
  } catch (error) {
    throw unusable(directory, error)
  }
}

/** Make the directory if need be, closed to other users. Throws `STORE_UNWRITABLE`. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeWithParents(resolve(directory))
  } catch (error) {
    throw unusable(directory, error)
  }
}

// Not `mkdir({ recursive: true })`: in places like /proc, which answer ENOENT to everything, Node's never returns.
async function makeWithParents(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 })
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(directory)).isDirectory()) return
    const parent = dirname(directory)
    if (!hasCode(error, 'ENOENT') || parent === directory || (await exists(parent))) throw error
    await makeWithParents(parent)
    await mkdir(directory, { mode: 0o700 })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** The settings in a text, or undefined if it does not hold any. */
export function parseSettings(text: string): Settings | undefined {
  const value = parseObject(text)
  if (value === undefined || typeof value['passphrase'] !== 'boolean') return undefined
  const { passphrase, network, listen, bootstrap, lan, carrier, mailbox, budget } = value
  if (network !== undefined && typeof network !== 'string') return undefined
  if (listen !== undefined && !isStrings(listen)) return undefined
  if (bootstrap !== undefined && !isStrings(bootstrap)) return undefined
  if (lan !== undefined && typeof lan !== 'boolean') return undefined
  if (carrier !== undefined && typeof carrier !== 'boolean') return undefined
  if (mailbox !== undefined && !isByteCount(mailbox)) return undefined
  if (budget !== undefined && !isByteCount(budget)) return undefined
  return {
    passphrase,
    ...(network === undefined ? {} : { network }),
    ...(listen === undefined ? {} : { listen }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(lan === undefined ? {} : { lan }),
    ...(carrier === undefined ? {} : { carrier }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(budget === undefined ? {} : { budget })
  }
}

/** A JSON text's object as a record of unknowns; undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.fromEntries(Object.entries(value))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether a failed file operation failed for one of these reasons. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}

function settingsFile(directory: string): string {
  return join(directory, 'settings.json')
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isByteCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function unusable(directory: string, error: unknown): MessengerError {
  const reason = error instanceof Error ? error.message : String(error)
  const todo = hasCode(error, 'EACCES', 'EPERM') ? 'do it as the user it belongs to, or choose' : 'choose'
  return new MessengerError(
    'STORE_UNWRITABLE',
    `${directory} cannot be used (${reason}); ${todo} another with --dir`,
    {
      cause: error
    }
  )
}
