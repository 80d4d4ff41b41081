import type { Command } from 'commander'
import { callOf } from '../call.js'
import { readCardArgument } from '../card-argument.js'
import { commandLine } from '../command-line.js'
import { contactName, shortId } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig add`: a contact from the card they gave. */
export function registerAdd(program: Command, surroundings: Surroundings): void {
  program
    .command('add')
    .description('add a contact from their card')
    .argument(
      '<card>',
      'the link, a PNG or JPEG picture of its QR code, a file with the link, or - for stdin'
    )
    .option('--name <name>', 'what you call them (default: what their card says)')
    .action(async (argument: string, flags: { readonly name?: string }, command: Command) => {
      const call = callOf(command, surroundings)
      const link = await readCardArgument(argument, surroundings.stdin)
      await withMessenger(call, 'offline', async (messenger) => {
        const contact = await messenger.contacts.add(
          link,
          flags.name === undefined ? {} : { name: flags.name }
        )
        const name = contactName(contact)
        call.output.print(
          [
            `${name} (${shortId(contact.id)}) is a contact now.`,
            `Talk: ${commandLine(call.options, 'chat', name)}`,
            `Make sure that it is really them: ${commandLine(call.options, 'verify', name)}`
          ],
          contact
        )
      })
    })
}
