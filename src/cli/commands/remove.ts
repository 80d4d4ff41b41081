import type { Command } from 'commander'
import { contactName } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import { changeContact } from './contact-change.js'

/** `hallig remove`: forget a contact. */
export function registerRemove(program: Command, surroundings: Surroundings): void {
  program
    .command('remove')
    .description('forget a contact and everything said with them; this cannot be undone')
    .argument('<contact>', 'name, or the start of the id')
    .action(async (wanted: string, _flags: object, command: Command) => {
      await changeContact(command, surroundings, wanted, async (contacts, contact) => {
        await contacts.remove(contact.id)
        return {
          record: { id: contact.id, removed: true },
          text: `${contactName(contact)} and everything said with them are forgotten.`
        }
      })
    })
}
