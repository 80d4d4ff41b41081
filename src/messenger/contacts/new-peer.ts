import type { IdentityId } from '../../codec/ids.js'
import { Reader } from '../../codec/reader.js'
import type { RandomSource } from '../../crypto/random.js'
import { NO_RANGES } from '../../protocol/delivery/ranges.js'
import { identityId, type PublicIdentity } from '../../protocol/identity/identity.js'
import { directConversationId } from '../../protocol/message/conversation-id.js'
import { EMPTY_ORDER } from '../../protocol/message/order.js'
import type { ContactOrigin } from '../../storage/records/contact-record.js'
import type { ConversationRecord } from '../../storage/records/conversation-record.js'
import { forgottenRecord } from '../../storage/records/forgotten-record.js'
import { sessionRecord } from '../../storage/records/session-record.js'
import type { Tables } from '../../storage/records/tables.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import type { PeerState } from '../peer-state.js'

/** How far above what a contact may know our numbering with it begins: anywhere, so that one removed and added again gets no number twice. */
export function anyNumber(random: RandomSource): number {
  return new Reader(random(4)).u32()
}

/** The state of somebody just met, or met again. */
export async function newPeer(
  context: Pick<Context, 'own' | 'tables' | 'clock' | 'random'>,
  unit: Unit,
  identity: PublicIdentity,
  origin: ContactOrigin
): Promise<PeerState> {
  const id = identityId(identity.signingKey)
  const { signing } = context.own.record.identity
  const forgotten = await unit.get(context.tables.forgotten(id))
  const { nextNumber = 0, ...known } =
    forgotten === undefined ? { generation: 0 } : forgottenRecord.decode(forgotten)
  const generation = Math.max(known.generation, await highestGeneration(context.tables, unit, id))
  return {
    contact: {
      id,
      signingKey: identity.signingKey,
      dhKey: identity.dhKey,
      givenName: '',
      profileName: '',
      origin,
      addedAt: context.clock.now(),
      accepted: origin !== 'hello',
      verified: false,
      blocked: false,
      addresses: [],
      incarnation: new Uint8Array(0),
      seq: 0,
      ...known,
      generation,
      toldProfile: new Uint8Array(0)
    },
    conversation: {
      ...newConversation(signing.publicKey, identity),
      nextNumber: nextNumber + anyNumber(context.random)
    },
    sessions: []
  }
}

/** A conversation in which nothing has been said. */
export function newConversation(
  ownSigningKey: Uint8Array,
  { signingKey }: Pick<PublicIdentity, 'signingKey'>
): ConversationRecord {
  return {
    id: directConversationId(ownSigningKey, signingKey),
    contactId: identityId(signingKey),
    order: EMPTY_ORDER,
    nextNumber: 0,
    sent: NO_RANGES,
    delivered: NO_RANGES,
    read: NO_RANGES,
    expired: NO_RANGES,
    streams: [],
    receiptDue: false,
    unread: 0,
    emergencies: [],
    heardAt: 0
  }
}

/** The highest generation of any session with somebody whose record is lost while its sessions are not. */
async function highestGeneration(tables: Tables, unit: Unit, id: IdentityId): Promise<number> {
  let highest = 0
  for (const key of await unit.keys(tables.sessions(id))) {
    const session = await unit.get(key)
    if (session !== undefined) highest = Math.max(highest, sessionRecord.decode(session).generation)
  }
  return highest
}
