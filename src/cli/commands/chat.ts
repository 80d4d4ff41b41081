import type { Command } from 'commander'
import type { Contact } from '../../index.js'
import { callOf, type Call } from '../call.js'
import { chatOnScreen, farewell } from '../chat/full-screen.js'
import { chatInLines } from '../chat/line-mode.js'
import { CommandError } from '../command-error.js'
import { findContact } from '../contact-argument.js'
import { untilInterrupted } from '../interruption.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig chat`: talk with a contact. */
export function registerChat(program: Command, surroundings: Surroundings): void {
  program
    .command('chat')
    .description('talk with a contact: a screen in a terminal, plain lines through a pipe')
    .argument('<contact>', 'name, or the start of the id')
    .action(async (wanted: string, _flags: object, command: Command) => {
      const call = callOf(command, surroundings)
      if (call.output.json) {
        throw new CommandError(
          'USAGE',
          'chat is for people; programs use `send --json` and `read --follow --json`'
        )
      }
      await withMessenger(call, 'online', async (messenger) => {
        const converse = hasScreen(call) ? chatOnScreen : chatInLines
        await untilInterrupted(async (signal) => {
          let contact: Contact | undefined = await findContact(messenger, wanted)
          while (contact !== undefined) {
            const ending = await converse(call, messenger, contact, signal)
            if (ending.underWay > 0) call.output.remark(farewell(contact, ending.underWay))
            contact = ending.next
          }
        })
      })
    })
}

function hasScreen({ surroundings }: Call): boolean {
  const { stdin, stdout, env } = surroundings
  return stdin.isTTY === true && stdout.isTTY === true && env['TERM'] !== 'dumb'
}
