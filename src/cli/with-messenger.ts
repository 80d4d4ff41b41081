import { readdir, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isMessengerError, MessengerError, type Messenger, type MessengerOptions } from '../library.js'
import type { Call } from './call.js'
import { CommandError } from './command-error.js'
import { commandLine } from './command-line.js'
import { storePath } from './data-directory.js'
import { carrierSettings, networkSettings } from './global-options.js'
import { holderName, removeHolder, writeHolder, type HolderName } from './holder.js'
import { askPassphrase } from './passphrase.js'
import { hasCode, readSettings, type Settings } from './settings.js'
import { serving } from './serving.js'
import { reachHolder, throughHolder, type Distant } from './through-holder.js'

/** What a command does with the messenger. */
const MODES = {
  /** Looks into the store or changes it. */
  offline: { isOnline: false, lasts: false, isAlone: false },
  /** Takes part in the network for a while. */
  online: { isOnline: true, lasts: false, isAlone: false },
  /** Takes part until its user ends it, and lets other commands work with its messenger meanwhile. */
  lasting: { isOnline: true, lasts: true, isAlone: false },
  /** The same, and offline, by who has to have the store: the others work with the messenger of a command that has it. */
  node: { isOnline: true, lasts: true, isAlone: true },
  alone: { isOnline: false, lasts: false, isAlone: true }
} as const

export type Mode = keyof typeof MODES

/** Told beside the messenger: who has it, if that is another command. */
type Use<Result> = (messenger: Messenger, settings: Settings, holder?: HolderName) => Promise<Result>

/** Between two attempts to have the store or to reach who has it, ms. */
const TRY_AGAIN = 100
/** How long one waits without a word, ms: most of those in the way are done by then. */
const SILENCE = 1_000

/** Open the identity of this call's directory, use it, and close it whatever happens; or use it through the command that has it open. */
export async function withMessenger<Result>(call: Call, mode: Mode, use: Use<Result>): Promise<Result> {
  const { options, surroundings } = call
  const settings = await readSettings(options.directory)
  if (settings === undefined) throw notInitialised(options)
  if (!(await holdsStore(options.directory))) throw storeMissing(options)
  const passphrase = settings.passphrase
    ? await askPassphrase(options.passphraseFile, surroundings, false)
    : undefined
  const part = MODES[mode]
  const found = await openOrReach(call, part.isAlone, settings, passphrase)
  if (found.kind === 'distant')
    return await throughHolder(call, found, part, async (messenger, holder) =>
      use(messenger, settings, holder)
    )
  return await holding(call, found.messenger, async () => {
    if (part.isOnline) await found.messenger.start()
    if (!part.lasts) return await use(found.messenger, settings)
    return await serving(call, found.messenger, passphrase, async () => use(found.messenger, settings))
  })
}

type Found = Distant | { readonly kind: 'own'; readonly messenger: Messenger }

async function openOrReach(
  call: Call,
  isAlone: boolean,
  settings: Settings,
  passphrase: string | undefined
): Promise<Found> {
  const open = async (): Promise<Found> => ({
    kind: 'own',
    messenger: await openStore(call, settings, passphrase, {})
  })
  if (isAlone) return await open()
  return await patiently(call, open, async () => reachHolder(call, passphrase))
}

/** Do something that needs the store, or `beside` what does the same through the command that has it; undefined if that takes no others. */
export async function patiently<Result>(
  call: Call,
  alone: () => Promise<Result>,
  beside: () => Promise<Result | undefined>
): Promise<Result> {
  let telling: NodeJS.Timeout | undefined
  try {
    for (let waited = 0; ; waited += TRY_AGAIN) {
      try {
        return await alone()
      } catch (error) {
        if (!isMessengerError(error, 'STORE_LOCKED')) throw error
        telling ??= setTimeout(() => void tellWaiting(call), SILENCE)
        const result = await beside()
        if (result !== undefined) return result
        if (waited >= call.surroundings.patience) throw error
        await delay(TRY_AGAIN)
      }
    }
  } finally {
    clearTimeout(telling)
  }
}

async function tellWaiting({ options: { directory }, output }: Call): Promise<void> {
  const { sentence } = await holderName(directory)
  output.remark(`${sentence} is using ${directory}; waiting until it answers or ends`)
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
  const { command, sentence } = await holderName(directory)
  const there = command === 'chat' ? ', or do it there: /help says how' : ''
  return new MessengerError('STORE_LOCKED', `${sentence} is using ${directory}; end it first${there}`, {
    cause
  })
}
