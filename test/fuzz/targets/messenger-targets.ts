import { decodeParcel, encodeParcel, MAX_PARCEL_BYTES } from '../../../src/codec/parcel.js'
import { sign } from '../../../src/crypto/signature.js'
import { isMessengerError } from '../../../src/errors.js'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { BundleExchange } from '../../../src/messenger/contacts/exchange-bundles.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { MAX_RESPONSE_BYTES } from '../../../src/network/limits.js'
import { sealDirect } from '../../../src/protocol/envelope/direct.js'
import { expiryDay, outlineEnvelope } from '../../../src/protocol/envelope/envelope.js'
import { openInvitedHello, sealHello } from '../../../src/protocol/handshake/hello.js'
import { encodeHelloContent } from '../../../src/protocol/handshake/hello-layout.js'
import { decodeCard, encodeCard } from '../../../src/protocol/identity/card.js'
import { decodeCardLink, encodeCardLink } from '../../../src/protocol/identity/card-link.js'
import { identityId } from '../../../src/protocol/identity/identity.js'
import { label } from '../../../src/protocol/labels.js'
import { DAY_MS, MAX_CARD_BYTES, MAX_CONTENT_BYTES } from '../../../src/protocol/limits.js'
import { encodeBody, encodePayload } from '../../../src/protocol/message/payload.js'
import { bundleRecordId, sealBundleRecord } from '../../../src/protocol/prekeys/bundle-record.js'
import { decodeBundleResponse, encodeBundleRequest } from '../../../src/protocol/prekeys/bundle-request.js'
import { choosePrekey, epochAt } from '../../../src/protocol/prekeys/bundle.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { chooseSession } from '../../../src/protocol/sessions/choose.js'
import { onlyState } from '../../support/messenger-bench.js'
import { sayHello } from '../../support/protocol-hello.js'
import { begin, createPerson } from '../../support/protocol-parties.js'
import { expectKind, joined, must, seeded } from '../../support/protocol-values.js'
import { mendProtobuf } from '../mend-protobuf.js'
import { below } from '../mutate.js'
import { promise, promiseSame, scaleOf, type FuzzTarget } from '../target.js'
import {
  createLives,
  createSurroundings,
  friendOf,
  memoryOf,
  promiseSound,
  type Surroundings
} from './messenger-world.js'
import { payloadSamples } from './payload-samples.js'

const SIGNATURE_BYTES = 64

function listed(reasons: Iterable<string>): string {
  return [...reasons].sort().join(' ')
}

/** Parcels of strangers, most made of Bob's own envelopes: what is not exactly one of those changes nothing. */
async function createParcelTarget(): Promise<FuzzTarget> {
  const { bench, bob } = await createSurroundings()
  const heard = bob.published.map((envelope) => envelope.slice())
  const { conversation } = onlyState(bob.context)
  for (const text of ['one', 'two', 'three']) {
    await bench.run(sendMessage(bob.context, conversation.id, text))
  }
  const fresh = bob.published.slice(heard.length).map((envelope) => envelope.slice())
  const known = new Set([...heard, ...fresh].map((envelope) => Buffer.from(envelope).toString('hex')))
  const lives = createLives()
  const salt = new Uint8Array(8)
  return {
    name: 'receive-parcel',
    weight: 4,
    samples: [...[...heard, ...fresh].map((envelope) => [envelope]), fresh.toReversed()].map((envelopes) =>
      encodeParcel(envelopes, salt).slice()
    ),
    maxLength: MAX_PARCEL_BYTES,
    async run(input) {
      const around = await lives.next()
      const before = memoryOf(around)
      around.inbound.receive(input, 'mallory')
      await around.inbound.idle()
      promiseSound(around)
      const after = memoryOf(around)
      const isIntact =
        decodeParcel(input)?.some((one) => known.has(Buffer.from(one).toString('hex'))) === true
      if (!isIntact) promiseSame(after, before, 'what nobody sent changes nothing')
      const changed = Buffer.compare(before, after) === 0 ? 'nothing new' : 'something new'
      return `${isIntact ? 'intact' : 'garbled'}: ${changed}; ${listed(around.refused)}`
    },
    end: () => lives.end()
  }
}

/** Payloads of a friend who departs from the protocol: sealed rightly, whatever they say. */
async function createFriendTarget(): Promise<FuzzTarget> {
  const around = await createSurroundings()
  const { record, prekeys } = around.bob.context.own
  const stream = record.identity.incarnation.subarray(0, 8)
  const rest = { stream, clock: 1, parents: [], sentAt: around.bench.clock.now() }
  const profile = { name: 'Bob', addresses: [], bundle: prekeys.bundle }
  const own = must(friendOf(around).conversation.streams[0])
  const [[number] = [0]] = own.received
  const bodies = [
    { ...rest, number: number + 1, profile },
    { ...rest, number: number + 2, text: 'Moin' }
  ]
  const lives = createLives()
  const random = seeded(0xfe)
  let session: Session | undefined
  let life: unknown
  return {
    name: 'receive-payload',
    weight: 4,
    samples: [...payloadSamples, encodePayload(bodies.map(encodeBody), []).slice()],
    maxLength: MAX_CONTENT_BYTES,
    mend: (input, chance) => mendProtobuf(input, below(chance, 3)),
    async run(input) {
      const current = await lives.next()
      const { bench, bob, alice } = current
      if (life !== current || session === undefined) {
        const { contact, sessions } = onlyState(bob.context)
        session = chooseSession(sessions, record.identity.incarnation, contact.incarnation)
        life = current
      }
      const sealed = expectKind(
        sealDirect(must(session), input, expiryDay(bench.clock.now(), DAY_MS), random),
        'sealed'
      )
      session = sealed.session
      const before = friendOf(current).conversation
      current.inbound.receive(encodeParcel([sealed.envelope], random(8)), 'mallory')
      await current.inbound.idle()
      await alice.context.queue.idle()
      promiseSound(current)
      const after = friendOf(current).conversation
      return `${after.unread > before.unread ? 'shown' : 'not shown'}; ${listed(current.refused)}`
    },
    end: () => lives.end()
  }
}

/** Hellos of somebody who holds Alice's card and departs from the protocol. */
async function createHelloTarget(): Promise<FuzzTarget> {
  const cardOf = ({ bench: time, alice: owner }: Surroundings) =>
    time.run(makeCard(owner.context, { size: 'full' }))
  const first = await createSurroundings()
  const { bench, alice } = first
  const mallory = createPerson(0xbad)
  const random = seeded(0xbae)
  const now = bench.clock.now()
  const link = await cardOf(first)
  const { card } = expectKind(decodeCard(must(decodeCardLink(link)), now), 'decoded')
  const bundle = must(card.bundle)
  const { secret } = must(card.invite)
  const invites = [...alice.context.invites.values()]
  const invite = must(invites.find((one) => Buffer.compare(one.secret, secret) === 0))
  const prekey = choosePrekey(bundle, now)
  const day = expiryDay(now, 7 * DAY_MS)
  const recipient = {
    ...mallory,
    bundle,
    own: alice.context.own.record.identity,
    prekeys: alice.context.own.prekeys
  }
  const contents = [1, 2].map((generation) => {
    const { session } = begin(mallory, recipient, { invite, generation, now })
    const { envelope } = sayHello(mallory, session, 'hello', random)
    const { outline } = expectKind(outlineEnvelope(envelope, now), 'outlined')
    const opened = expectKind(openInvitedHello(outline, secret, 0, alice.context.own.prekeys), 'opened')
    return encodeHelloContent({ ...opened.content, certificate: mallory.certificate }).slice()
  })
  const certified = mallory.certificate.length - SIGNATURE_BYTES
  const lives = createLives(cardOf)
  let count = 0
  return {
    name: 'receive-hello',
    weight: 1,
    samples: contents,
    maxLength: MAX_CONTENT_BYTES,
    mend(input, chance) {
      // Another device key ends the conversation for the rest of that life.
      const fields = (
        chance.chance(0.02) ? input : joined(input.subarray(0, 2), mallory.certificate)
      ).subarray(2, 2 + certified)
      const signature = sign(joined(label('certificate'), fields), mallory.own.signing.secretKey)
      return joined(input.subarray(0, 2), fields, signature, input.subarray(2 + mallory.certificate.length))
    },
    async run(input) {
      const around = await lives.next()
      const route = { epoch: prekey.epoch, signedPrekey: prekey.key, invite: { secret, count: count++ % 64 } }
      const { envelope } = expectKind(sealHello(input, route, day, random), 'sealed')
      around.inbound.receive(encodeParcel([envelope], random(8)), 'mallory')
      await around.inbound.idle()
      promiseSound(around)
      const people = around.alice.context.queue.states.size
      promise(people <= 2, 'an invite is for one person')
      return `${String(people)} contacts; ${listed(around.refused)}`
    },
    end: () => lives.end()
  }
}

/** Bundle requests of a peer. */
async function createAnswerTarget(): Promise<FuzzTarget> {
  const { alice, bob, bench } = await createSurroundings()
  const exchange = new BundleExchange(alice.context)
  const week = epochAt(bench.clock.now())
  const keys = [alice, bob].map(({ context }) => context.own.record.identity.signing.publicKey)
  const record = sealBundleRecord(must(keys[1]), week, bob.context.own.prekeys.bundle, seeded(0xa))
  const wanted = keys.map((key) => bundleRecordId(key, week))
  return {
    name: 'answer-request',
    weight: 2,
    samples: [
      { wanted, offered: [record] },
      { wanted: Array.from({ length: 16 }, () => wanted[0] ?? record.id), offered: [] }
    ].map((request) => encodeBundleRequest(request).slice()),
    maxLength: 9_000,
    async run(input) {
      const answer = await exchange.answer(input, 'mallory')
      promise(alice.warnings.length === 0, 'nothing fails')
      if (answer === undefined) return 'no answer'
      promise(answer.length <= MAX_RESPONSE_BYTES, 'an answer has its bound')
      return `answered: ${scaleOf(must(decodeBundleResponse(answer)).length)}`
    }
  }
}

const CARD_ERRORS = [
  'CARD_INVALID',
  'CARD_EXPIRED',
  'CARD_OF_SELF',
  'CONTACT_BLOCKED',
  'IDENTITY_CHANGED'
] as const

/** Cards that a user takes from anywhere. */
async function createCardTarget(): Promise<FuzzTarget> {
  const around = await createSurroundings()
  const { bench, alice, bob } = around
  const { identity } = bob.context.own.record
  const links = [
    await bench.run(makeCard(bob.context, { size: 'full' })),
    await bench.run(makeCard(bob.context, { reusable: true })),
    await bench.run(makeCard(alice.context))
  ]
  const expired = encodeCardLink(encodeCard(identity, { notAfter: 0, name: '', addresses: [] }))
  return {
    name: 'add-card',
    weight: 1,
    samples: [...links, expired].map((link) => must(decodeCardLink(link))),
    maxLength: MAX_CARD_BYTES,
    mend(input) {
      const fields = input.subarray(0, Math.max(0, input.length - SIGNATURE_BYTES))
      return joined(fields, sign(joined(label('card'), fields), identity.signing.secretKey))
    },
    async run(input) {
      let outcome = 'added'
      try {
        await bench.run(addContact(alice.context, encodeCardLink(input)))
      } catch (error) {
        const code = CARD_ERRORS.find((one) => isMessengerError(error, one))
        if (code === undefined) throw error
        outcome = code
      }
      promiseSound(around)
      if (outcome !== 'added') return outcome
      const { card } = expectKind(decodeCard(input, bench.clock.now()), 'decoded')
      const state = must(alice.context.queue.states.get(identityId(card.signingKey)))
      promiseSame(state.contact.dhKey, card.dhKey, 'who is added is who signed')
      return outcome
    }
  }
}

/** A whole messenger behind what it takes in. */
export async function createMessengerTargets(): Promise<readonly FuzzTarget[]> {
  return [
    await createParcelTarget(),
    await createFriendTarget(),
    await createHelloTarget(),
    await createAnswerTarget(),
    await createCardTarget()
  ]
}
