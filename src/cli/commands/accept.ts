import type { Command } from 'commander'
import { commandLine } from '../command-line.js'
import { CONTACT_ARGUMENT, contactName } from '../contact-argument.js'
import { globalOptions } from '../global-options.js'
import type { Surroundings } from '../surroundings.js'
import { changeContact } from './contact-change.js'

/** `hallig accept`: go on with a contact whose keys changed. */
export function registerAccept(program: Command, surroundings: Surroundings): void {
  program
    .command('accept')
    .description('trust the changed keys of a contact and send again; ask them first whether they changed')
    .argument('<contact>', CONTACT_ARGUMENT)
    .action(async (wanted: string, _flags: object, command: Command) => {
      await changeContact(command, surroundings, wanted, async (contacts, contact) => {
        const name = contactName(contact)
        if (contact.change === undefined)
          return { record: contact, text: `Nothing changed with ${name}; nothing to accept.` }
        const record = await contacts.acceptChange(contact.id)
        return {
          record,
          text: `The changed keys of ${name} are trusted now. Compare again: ${commandLine(globalOptions(command, surroundings), 'verify', name)}.`
        }
      })
    })
}
