import type { Command } from 'commander'
import { CONTACT_ARGUMENT, contactName } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import { changeContact } from './contact-change.js'

/** `hallig rename`: what you call a contact. */
export function registerRename(program: Command, surroundings: Surroundings): void {
  program
    .command('rename')
    .description('choose what you call a contact (your own name: `hallig init --name`)')
    .argument('<contact>', CONTACT_ARGUMENT)
    .argument('<name>', 'the new name')
    .action(async (wanted: string, name: string, _flags: object, command: Command) => {
      await changeContact(command, surroundings, wanted, async (contacts, contact) => {
        const renamed = await contacts.rename(contact.id, name)
        return { record: renamed, text: `${contactName(contact)} is called ${contactName(renamed)} now.` }
      })
    })
}
