import type { Command } from 'commander'
import { CONTACT_ARGUMENT, contactName } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import { changeContact } from './contact-change.js'

/** `hallig block`: refuse everything from a contact. */
export function registerBlock(program: Command, surroundings: Surroundings): void {
  program
    .command('block')
    .description('refuse everything from a contact, without telling them')
    .argument('<contact>', CONTACT_ARGUMENT)
    .action(async (wanted: string, _flags: object, command: Command) => {
      await changeContact(command, surroundings, wanted, async (contacts, contact) => ({
        record: await contacts.block(contact.id, true),
        text: `${contactName(contact)} is blocked; \`hallig unblock\` takes it back.`
      }))
    })
}

/** `hallig unblock`: hear a contact again. */
export function registerUnblock(program: Command, surroundings: Surroundings): void {
  program
    .command('unblock')
    .description('hear a blocked contact again')
    .argument('<contact>', CONTACT_ARGUMENT)
    .action(async (wanted: string, _flags: object, command: Command) => {
      await changeContact(command, surroundings, wanted, async (contacts, contact) => ({
        record: await contacts.block(contact.id, false),
        text: `${contactName(contact)} is not blocked any more.`
      }))
    })
}
