import type { Command } from 'commander'
import { isMessengerError, wipeStore } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { commandLine } from '../command-line.js'
import { storePath } from '../data-directory.js'
import { removeHolder } from '../holder.js'
import { readSettings, removeSettings } from '../settings.js'
import type { Surroundings } from '../surroundings.js'
import { wipeThroughHolder } from '../through-holder.js'
import { lockedError, notInitialised, patiently } from '../with-messenger.js'

/** `hallig wipe`: destroy the identity and everything said. Needs no passphrase: there may be no time to type it. */
export function registerWipe(program: Command, surroundings: Surroundings): void {
  program
    .command('wipe')
    .description('destroy your identity, its keys and everything said, at once and for good')
    .option('--yes', 'really do it')
    .action(async (flags: { readonly yes?: boolean }, command: Command) => {
      const call = callOf(command, surroundings)
      const { directory } = call.options
      if (flags.yes !== true) {
        throw new CommandError(
          'USAGE',
          `This destroys the identity in ${directory} and everything said with it, for good; say ${commandLine(call.options, 'wipe', '--yes')}`
        )
      }
      await wipe(call)
      call.output.print([`The identity in ${directory} is destroyed. Nobody can read what it kept.`], {
        directory,
        wiped: true
      })
    })
}

async function wipe(call: Call): Promise<void> {
  const { options } = call
  const { directory } = options
  if ((await readSettings(directory)) === undefined) throw notInitialised(options)
  await patiently(
    call,
    async () => wipeAlone(directory),
    async () => wipeThroughHolder(call)
  )
  await removeHolder(directory)
  // Last, so that a wipe that was interrupted can be run again.
  await removeSettings(directory)
}

async function wipeAlone(directory: string): Promise<true> {
  try {
    await wipeStore(storePath(directory))
    return true
  } catch (error) {
    throw isMessengerError(error, 'STORE_LOCKED') ? await lockedError(directory, error) : error
  }
}
