import { isDeepStrictEqual } from 'node:util'
import { generateDhKeyPair } from '../../../src/crypto/dh.js'
import { identityId } from '../../../src/protocol/identity/identity.js'
import { directConversationId } from '../../../src/protocol/message/conversation-id.js'
import { positionOf } from '../../../src/protocol/message/order.js'
import { encodeMessageId } from '../../../src/codec/ids.js'
import { acceptedHelloRecord } from '../../../src/storage/records/accepted-hello-record.js'
import { contactRecord } from '../../../src/storage/records/contact-record.js'
import { conversationRecord } from '../../../src/storage/records/conversation-record.js'
import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import { ledgerRecord } from '../../../src/storage/records/ledger-record.js'
import { messageRecord, type MessageRecord } from '../../../src/storage/records/message-record.js'
import { outboxRecord, type OutboxRecord } from '../../../src/storage/records/outbox-record.js'
import { inviteRecord, ownRecord, prekeysRecord } from '../../../src/storage/records/own-record.js'
import type { RecordCodec } from '../../../src/storage/records/record-codec.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { skippedRecord } from '../../../src/storage/records/skipped-record.js'
import { begin, createInvite, createPerson, establish } from '../../support/protocol-parties.js'
import { NOW, seeded } from '../../support/protocol-values.js'
import { DECODER_ALLOCATION, promise, scaleOf, type FuzzTarget } from '../target.js'
import { resultOrCode } from './plain-targets.js'

const random = seeded(0xd00d)
const [alice, bob] = [createPerson(0xd00d), createPerson(0xd00e)]
const invite = createInvite(random)
const messageId = encodeMessageId(random(16))

/** A record of the own store, behind a seal: whoever can write one has the key. It is damaged or it is a record, and nothing else. */
function recordTarget<T>(name: string, codec: RecordCodec<T>, values: readonly T[]): FuzzTarget {
  return {
    name: `${name}-record`,
    weight: 30,
    samples: values.map((value) => codec.encode(value).slice()),
    maxLength: 8_192,
    maxAllocation: DECODER_ALLOCATION,
    run(input) {
      const decoded = resultOrCode(() => ({ value: codec.decode(input) }), ['RECORD_DAMAGED'])
      if (typeof decoded === 'string') return decoded
      const again = codec.decode(codec.encode(decoded.value))
      promise(isDeepStrictEqual(again, decoded.value), 'a record is read as it is written')
      return `taken: ${scaleOf(input.length)}`
    }
  }
}

const contact = {
  id: identityId(bob.own.signing.publicKey),
  signingKey: bob.own.signing.publicKey,
  dhKey: bob.own.dh.publicKey,
  givenName: 'Bob',
  profileName: '',
  origin: 'card',
  addedAt: NOW,
  accepted: true,
  verified: false,
  blocked: false,
  addresses: ['/ip4/10.0.0.1/tcp/1'],
  incarnation: bob.own.incarnation,
  seq: bob.prekeys.seq,
  generation: 1,
  toldProfile: new Uint8Array(0)
} as const
const change = {
  change: 'equivocation',
  changedDhKey: random(32),
  formerDhKey: random(32),
  bundle: random(60),
  contradiction: random(60),
  invite: { secret: random(32), oneTimeKey: random(32), notAfter: NOW, count: 3 },
  profile: { stream: random(8), number: 4 }
} as const

const conversation = {
  id: directConversationId(alice.own.signing.publicKey, bob.own.signing.publicKey),
  contactId: contact.id,
  order: { clock: 7, heads: [messageId] },
  nextNumber: 12,
  sent: [[1, 11]],
  delivered: [
    [1, 3],
    [6, 2]
  ],
  read: [],
  expired: [[4, 1]],
  streams: [{ stream: random(8), received: [[9, 4]], read: [] }],
  receiptDue: true,
  unread: 2,
  emergencies: [NOW - 1, NOW],
  heardAt: NOW
} as const

const message: MessageRecord = {
  id: messageId,
  own: true,
  stream: random(8),
  number: 3,
  clock: 4,
  sentAt: NOW,
  storedAt: NOW,
  content: { kind: 'text', text: 'Moin' },
  priority: 'urgent'
}

const position = positionOf(4, messageId)
const outbox: OutboxRecord = {
  number: 3,
  expiryDay: 20_000,
  priority: 'routine',
  items: [{ position, body: random(30) }]
}
const own = { identity: alice.own, name: 'Alice', createdAt: NOW, networkSeed: random(32) }
const { alice: initiator, bob: recipient } = establish(0xd00f)

/** What lies in the store. */
export const recordTargets: readonly FuzzTarget[] = [
  recordTarget('own', ownRecord, [own]),
  recordTarget('prekeys', prekeysRecord, [alice.prekeys]),
  recordTarget('invite', inviteRecord, [invite, { secret: random(32), notAfter: NOW, usedBy: random(32) }]),
  recordTarget('contact', contactRecord, [contact, { ...contact, ...change }]),
  recordTarget('conversation', conversationRecord, [
    conversation,
    { ...conversation, lastPosition: position }
  ]),
  recordTarget('message', messageRecord, [
    message,
    { ...message, content: { kind: 'data', mediaType: 'a/b', bytes: random(20) } }
  ]),
  recordTarget('outbox', outboxRecord, [outbox, { ...outbox, envelope: random(512) }]),
  recordTarget('ledger', ledgerRecord, [{ minute: 29_000_000, slots: [5, 0, 70_000] }]),
  recordTarget('session', sessionRecord, [
    initiator,
    recipient,
    begin(alice, bob, { invite: { ...invite, oneTimeKey: generateDhKeyPair(random) } }).session
  ]),
  recordTarget('skipped', skippedRecord, [{ key: random(32), keptAt: NOW }]),
  recordTarget('accepted-hello', acceptedHelloRecord, [{ acceptedAt: NOW }]),
  recordTarget('forgotten', forgottenRecord, [{ generation: 5 }])
]
