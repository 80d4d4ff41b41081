import type { Command } from 'commander'
import type { Contact, Messenger } from '../../library.js'
import { callOf } from '../call.js'
import { findContact } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** Find a contact, change it, and say so: what `block`, `rename` and their like have in common. */
export async function changeContact(
  command: Command,
  surroundings: Surroundings,
  wanted: string,
  change: (
    contacts: Messenger['contacts'],
    contact: Contact
  ) => Promise<{ readonly text: string; readonly record: unknown }>
): Promise<void> {
  const call = callOf(command, surroundings)
  await withMessenger(call, 'offline', async (messenger) => {
    const { text, record } = await change(messenger.contacts, await findContact(messenger, wanted))
    call.output.print(text, record)
  })
}
