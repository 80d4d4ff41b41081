import { readdir, stat } from 'node:fs/promises'
import { isMessengerError, MessengerError, type Messenger, type MessengerOptions } from '../index.js'
import type { Call } from './call.js'
import { CommandError } from './command-error.js'
import { commandLine } from './command-line.js'
import { storePath } from './data-directory.js'
import { carrierSettings, networkSettings } from './global-options.js'
import { readHolder, removeHolder, writeHolder } from './holder.js'
import { askPassphrase } from './passphrase.js'
import { hasCode, readSettings, type Settings } from './settings.js'
import { clockText } from './time-text.js'

/** Open the identity of this call's directory, use it, and close it whatever happens. `online` also starts the network. */
export async function withMessenger<Result>(
  call: Call,
  mode: 'online' | 'offline',
  use: (messenger: Messenger, settings: Settings) => Promise<Result>
): Promise<Result> {
  const { options, surroundings } = call
  const settings = await readSettings(options.directory)
  if (settings === undefined) throw notInitialised(options)
  if (!(await holdsStore(options.directory))) throw storeMissing(options)
  const passphrase = settings.passphrase
    ? await askPassphrase(options.passphraseFile, surroundings, false)
    : undefined
  const messenger = await openStore(call, settings, passphrase, {})
  return await holding(call, messenger, async () => {
    if (mode === 'online') await messenger.start()
    return await use(messenger, settings)
  })
}

/** Open the store without the network. Throws `STORE_LOCKED` with the name of the command that has it. */
export async function openStore(
  call: Call,
  settings: Settings,
  passphrase: string | undefined,
  more: Pick<MessengerOptions, 'name'>
): Promise<Messenger> {
  const { options, surroundings } = call
  await refuseForeign(call)
  try {
    return await surroundings.createMessenger({
      path: storePath(options.directory),
      network: networkSettings(options, settings),
      ...carrierSettings(options, settings),
      start: false,
      ...(passphrase === undefined ? {} : { unlock: { kind: 'passphrase', passphrase } }),
      ...more
    })
  } catch (error) {
    throw isMessengerError(error, 'STORE_LOCKED') ? await lockedError(options.directory, error) : error
  }
}

/** What root writes into the store of another user, that user can read no more: one `sudo hallig status` and the service is down. */
async function refuseForeign({ options: { directory }, surroundings: { user } }: Call): Promise<void> {
  if (user !== 0) return
  const owner = await ownerOf(storePath(directory))
  if (owner === undefined || owner === user) return
  throw new MessengerError(
    'STORE_UNWRITABLE',
    `${directory} belongs to another user, who could not open any more what root writes there; do it as that user: \`sudo -u '#${String(owner)}'\``
  )
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).uid
  } catch {
    // It is not there yet, or opening it says better what is wrong.
    return undefined
  }
}

/** Note down who has the store, for as long as `use` takes, then close the messenger. */
export async function holding<Result>(
  call: Call,
  messenger: Messenger,
  use: () => Promise<Result>
): Promise<Result> {
  const { directory } = call.options
  try {
    await writeHolder(directory, call.command, call.surroundings.now())
    return await use()
  } finally {
    await removeHolder(directory)
    await messenger.close()
  }
}

/** Whether a store is where `init` made one. Without this look an empty one would be made, with another identity, and nobody told. */
async function holdsStore(directory: string): Promise<boolean> {
  try {
    return (await readdir(storePath(directory))).length > 0
  } catch (error) {
    // Whatever else is wrong with it, opening it says better.
    return !hasCode(error, 'ENOENT')
  }
}

function storeMissing(options: Call['options']): MessengerError {
  return new MessengerError(
    'STORE_DAMAGED',
    `The store ${storePath(options.directory)} is not there, and with it your identity: mount its disk, or put it back. If it is gone for good, ${commandLine(options, 'wipe', '--yes')} makes room for another`
  )
}

/** Nobody has run `hallig init` in this directory. */
export function notInitialised(options: Call['options']): CommandError {
  return new CommandError(
    'NOT_INITIALISED',
    `There is no identity in ${options.directory} yet; make one with ${commandLine(options, 'init')}`
  )
}

/** `STORE_LOCKED`, with the name of the command that has the store. */
export async function lockedError(directory: string, cause: Error): Promise<MessengerError> {
  const holder = await readHolder(directory)
  const who =
    holder === undefined
      ? 'Another process'
      : `\`hallig ${holder.command}\` (process ${String(holder.pid)}, since ${clockText(holder.since)})`
  const there = holder?.command === 'chat' ? ', or do it there: /help says how' : ''
  return new MessengerError('STORE_LOCKED', `${who} is using ${directory}; end it first${there}`, { cause })
}
