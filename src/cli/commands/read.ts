import type { Command } from 'commander'
import type { Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CONTACT_ARGUMENT, findContact } from '../contact-argument.js'
import { countOption, waitOption } from '../global-options.js'
import { aborted, pause, untilInterrupted } from '../interruption.js'
import { Reader } from '../reader.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

interface ReadFlags {
  readonly follow?: boolean
  readonly keepUnread?: boolean
  readonly limit?: number
  readonly wait: number
}

/** `hallig read`: what was said; new messages first of all. */
export function registerRead(program: Command, surroundings: Surroundings): void {
  program
    .command('read')
    .description(
      'print new messages, of everybody, or the last ones with one contact; then they count as read'
    )
    .argument('[contact]', CONTACT_ARGUMENT)
    .option('-f, --follow', 'go on printing what comes in, until Ctrl-C')
    .option(
      '--limit <count>',
      'with a contact: how many of the last messages, and all new ones (default: 20)',
      countOption
    )
    .option('--keep-unread', 'do not mark them as read, do not tell the sender')
    .addOption(waitOption('how long to fetch messages from the network; 0 reads only what is here', 3))
    .action(async (wanted: string | undefined, flags: ReadFlags, command: Command) => {
      const call = callOf(command, surroundings)
      const mode = flags.follow === true ? 'lasting' : flags.wait > 0 ? 'online' : 'offline'
      await withMessenger(call, mode, async (messenger) => {
        await untilInterrupted(async (signal) => read(call, messenger, wanted, flags, signal))
      })
    })
}

async function read(
  call: Call,
  messenger: Messenger,
  wanted: string | undefined,
  flags: ReadFlags,
  signal: AbortSignal
): Promise<void> {
  const contact = wanted === undefined ? undefined : await findContact(messenger, wanted)
  const reader = new Reader(call.output, messenger, flags.keepUnread === true, contact)
  await reader.printStored(flags.limit)
  await (flags.follow === true ? aborted(signal) : pause(flags.wait, signal))
  await reader.end()
  if (reader.printed === 0)
    call.output.remark(contact === undefined ? 'No new messages.' : 'Nothing was said yet.')
}
