import { platform } from '../../src/platform/node.js'
import { createMessenger } from '../../src/index.js'
import { newConversation } from '../../src/messenger/contacts/new-peer.js'
import { openStore } from '../../src/messenger/open-store.js'
import { systemRandom } from '../../src/platform/system.js'
import { identityId, INCARNATION_BYTES } from '../../src/protocol/identity/identity.js'
import { contactRecord, type ContactRecord } from '../../src/storage/records/contact-record.js'
import { conversationRecord } from '../../src/storage/records/conversation-record.js'
import { sessionRecord } from '../../src/storage/records/session-record.js'
import { Tables } from '../../src/storage/records/tables.js'
import type { Write } from '../../src/storage/store.js'
import { makeSession, type Course } from './sessions.js'

const CONTACTS_PER_COMMIT = 500
const nothing = (): void => undefined

/** A store on disk as a messenger leaves it, with so many contacts and a session with each. */
export async function fillStore(path: string, count: number, course: Course): Promise<void> {
  const messenger = await createMessenger({ path, start: false })
  await messenger.close()
  const { store } = await openStore({ path, durability: 'process-crash' }, platform, systemRandom, {
    debug: nothing,
    warn: nothing
  })
  const tables = new Tables((label, id) => store.blind(label, id))
  for (let done = 0; done < count; done += CONTACTS_PER_COMMIT) {
    const size = Math.min(CONTACTS_PER_COMMIT, count - done)
    await store.commit(Array.from({ length: size }, () => writesOfContact(tables, course)).flat())
  }
  await store.close()
}

function writesOfContact(tables: Tables, course: Course): Write[] {
  const contact = makeContact()
  const conversation = { ...newConversation(systemRandom(32), contact), nextNumber: 1 }
  const session = makeSession(course)
  return [
    { type: 'put', key: tables.contact(contact.id), value: contactRecord.encode(contact) },
    { type: 'put', key: tables.conversation(contact.id), value: conversationRecord.encode(conversation) },
    { type: 'put', key: tables.session(contact.id, session.id), value: sessionRecord.encode(session) }
  ]
}

function makeContact(): ContactRecord {
  const signingKey = systemRandom(32)
  return {
    id: identityId(signingKey),
    signingKey,
    dhKey: systemRandom(32),
    givenName: 'Somebody',
    profileName: '',
    origin: 'invite',
    addedAt: Date.now(),
    accepted: true,
    verified: false,
    blocked: false,
    addresses: [],
    incarnation: systemRandom(INCARNATION_BYTES),
    seq: 0,
    generation: 1,
    toldProfile: new Uint8Array(0)
  }
}
