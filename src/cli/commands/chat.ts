import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { Contact, Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { chatOnScreen, farewell, type ChatEnding } from '../chat/full-screen.js'
import { chatInLines } from '../chat/line-mode.js'
import { CommandError } from '../command-error.js'
import { CONTACT_ARGUMENT, findContact } from '../contact-argument.js'
import { waitForContact } from '../contact-wait.js'
import { addBudgetOption } from '../global-options.js'
import { untilInterrupted } from '../interruption.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig chat`: talk with a contact. */
export function registerChat(program: Command, surroundings: Surroundings): void {
  const chat = program
    .command('chat')
    .description('talk with a contact: a screen in a terminal, plain lines through a pipe')
    .argument('<contact>', CONTACT_ARGUMENT)
  addBudgetOption(chat).action(async (wanted: string, _flags: object, command: Command) => {
    const call = callOf(command, surroundings)
    if (call.output.json) {
      throw new CommandError(
        'USAGE',
        'chat is for people; programs use `send --json` and `read --follow --json`'
      )
    }
    await withMessenger(call, 'lasting', async (messenger) => {
      await untilInterrupted(async (signal) => {
        const contact = isAttended(call)
          ? await waitForContact(messenger, wanted, call.output.remark, signal)
          : await findContact(messenger, wanted)
        await converse(call, messenger, contact, signal)
      })
    })
  })
}

/** One conversation after the other, as the user goes from contact to contact. */
async function converse(
  call: Call,
  messenger: Messenger,
  first: Contact,
  signal: AbortSignal
): Promise<void> {
  // One reader for all of them: what it has read ahead belongs to the next.
  const reader = hasScreen(call) ? undefined : createInterface({ input: call.surroundings.stdin, signal })
  const lines = reader?.[Symbol.asyncIterator]()
  let contact: Contact | undefined = first
  while (contact !== undefined) {
    const ending: ChatEnding =
      lines === undefined
        ? await chatOnScreen(call, messenger, contact, signal)
        : await chatInLines(call, messenger, contact, signal, lines)
    if (ending.underWay > 0) call.output.remark(farewell(contact, ending.underWay))
    contact = ending.next
  }
  reader?.close()
}

/** Whether somebody sits there, who can wait and end it. */
function isAttended({ surroundings: { stdin, stdout } }: Call): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

function hasScreen(call: Call): boolean {
  return isAttended(call) && call.surroundings.env['TERM'] !== 'dumb'
}
