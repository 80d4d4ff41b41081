import type { Command } from 'commander'
import { callOf } from '../call.js'
import { CONTACT_ARGUMENT, contactName, pickContact } from '../contact-argument.js'
import { ask, canAsk } from '../question.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig remove`: forget a contact. On a terminal it asks first, as the start of a name may fit somebody else. */
export function registerRemove(program: Command, surroundings: Surroundings): void {
  program
    .command('remove')
    .description('forget a contact and everything said with them; this cannot be undone')
    .argument('<contact>', CONTACT_ARGUMENT)
    .option('--yes', 'do not ask')
    .action(async (wanted: string, flags: { readonly yes?: boolean }, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, 'offline', async ({ contacts }) => {
        const contact = pickContact(await contacts.list(), wanted)
        const name = contactName(contact)
        const sure =
          flags.yes === true ||
          call.output.json ||
          !canAsk(surroundings) ||
          (await ask(surroundings, `Forget ${name} and everything said with them, for good?`))
        if (sure) await contacts.remove(contact.id)
        call.output.print(sure ? `${name} and everything said with them are forgotten.` : `${name} stays.`, {
          id: contact.id,
          removed: sure
        })
      })
    })
}
