import { isMessengerError, type Contact, type Messenger } from '../library.js'
import { contactName, findContact } from './contact-argument.js'
import { pause } from './interruption.js'

/** Looks for the name again even if no event told of anybody, in ms. */
const LOOK_INTERVAL = 5000

/**
 * The contact of this name; somebody who got our card becomes one with their first message, so wait for them until `signal`
 * aborts. `say` is told that there is waiting to do, and who else appears meanwhile.
 */
export async function waitForContact(
  messenger: Messenger,
  wanted: string,
  say: (line: string) => void,
  signal: AbortSignal
): Promise<Contact> {
  let change = new AbortController()
  const known = new Set((await messenger.contacts.list()).map(({ id }) => id))
  const onContact = ({ detail }: CustomEvent<Contact>): void => {
    if (!known.has(detail.id)) say(`${contactName(detail)} has written to you.`)
    known.add(detail.id)
    change.abort()
  }
  messenger.addEventListener('contact:update', onContact)
  try {
    for (let look = 0; ; look++) {
      try {
        return await findContact(messenger, wanted)
      } catch (error) {
        if (signal.aborted || !isMessengerError(error, 'UNKNOWN_CONTACT')) throw error
        if (look === 0) say(`${error.message}. Waiting for their first message; Ctrl-C ends it.`)
      }
      await pause(LOOK_INTERVAL, AbortSignal.any([signal, change.signal]))
      change = new AbortController()
    }
  } finally {
    messenger.removeEventListener('contact:update', onContact)
  }
}
