import assert from 'node:assert/strict'
import { openDirect } from '../../../src/protocol/envelope/direct.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import type { EpochKey } from '../../../src/protocol/post-quantum/epoch.js'
import type { PqRatchet } from '../../../src/protocol/post-quantum/pq-ratchet.js'
import { decryptMessage } from '../../../src/protocol/ratchet/decrypt.js'
import { prepareMessage, sealMessage } from '../../../src/protocol/ratchet/encrypt.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { endpointOf, TagLookup, type Endpoint } from '../../support/protocol-endpoint.js'
import { outlineOf } from '../../support/protocol-hello.js'
import { establish } from '../../support/protocol-parties.js'
import { epochOf, hear, say } from '../../support/protocol-pq.js'
import { assertRejected, expectKind, must, NOW, seeded } from '../../support/protocol-values.js'

const PREFIX = new Uint8Array(20)
const BODY = new Uint8Array(100).fill(1)

/** A message on the wire, and its recipient as it was before: what the attacker knows of it comes from there. */
interface Tapped {
  readonly envelope: Uint8Array
  readonly recipient: Session
  readonly epoch: number
}

/** Alice and Bob in turn, on a line that is tapped. */
class Line {
  endpoints: [Endpoint, Endpoint]
  now = NOW
  readonly wire: Tapped[] = []
  readonly #random = seeded(1)
  readonly #tags = new TagLookup()

  constructor(endpoints: [Endpoint, Endpoint]) {
    this.endpoints = endpoints
  }

  exchange(rounds: number): void {
    for (let round = 0; round < 2 * rounds; round += 1) {
      const [from, to] = this.endpoints
      const sent = say(from, `message ${String(this.wire.length)}`, this.now, this.#random)
      const epoch = sent.endpoint.session.sending?.pq?.epoch ?? 0
      this.wire.push({ envelope: sent.envelope, recipient: to.session, epoch })
      const heard = expectKind(hear(to, sent.envelope, this.now, this.#random, this.#tags), 'heard')
      this.endpoints = [heard.endpoint, sent.endpoint]
    }
  }

  /** Talk until both send with the next epoch. */
  toNextEpoch(): void {
    const next = Math.max(...this.endpoints.map(epochOf)) + 1
    this.now += 8 * DAY_MS
    while (this.endpoints.some(({ session }) => (session.receiving?.pq?.epoch ?? 0) < next)) this.exchange(1)
  }
}

function begin(withPq: boolean): Line {
  const { alice, bob } = establish(7)
  const stripped = [alice, bob].map(({ pq, ...session }) => (withPq ? { ...session, pq: must(pq) } : session))
  const line = new Line([endpointOf(must(stripped[0])), endpointOf(must(stripped[1]))])
  line.exchange(2)
  return line
}

/** All that was secret in a state: keys of epochs, and the seed of an offer under way. */
interface Stolen {
  readonly keys: readonly EpochKey[]
}

function steal({ session }: { readonly session: Session }): Stolen {
  const { pq, sending, receiving } = session
  const answering = pq?.exchange?.kind === 'answering' ? pq.exchange.epochKey : undefined
  const keys = [pq?.agreed, answering, sending?.pq, receiving?.pq]
  return { keys: keys.filter((key) => key !== undefined) }
}

/**
 * Whether the attacker reads a message: it is given every X25519 secret, root key, chain key and header key there ever is, and for the salt tries
 * zeros and every key it has stolen.
 */
function reads({ envelope, recipient }: Tapped, { keys }: Stolen): boolean {
  const { prefix, message } = openDirect(outlineOf(envelope))
  const salts: (EpochKey | undefined)[] = [undefined, ...keys]
  return salts.some((salt) => {
    // As the recipient's, but for what ML-KEM gave it.
    const known = withKey(recipient, salt)
    const tag = outlineOf(envelope).tag
    const expected = new TagLookup().match(recipient, tag)
    if (expected === undefined) throw new Error('the attacker follows every chain')
    return decryptMessage(known, expected, prefix, message).kind === 'decrypted'
  })
}

/** A session whose post-quantum keys are all this one: whatever epoch a header names. */
function withKey(session: Session, salt: EpochKey | undefined): Session {
  const { pq, receiving, sending, ...rest } = session
  const key = salt?.key ?? new Uint8Array(32)
  const keyed = <C extends { readonly pq?: EpochKey }>(chain: C): C =>
    chain.pq === undefined ? chain : { ...chain, pq: { ...chain.pq, key } }
  const ratchet = (state: PqRatchet): PqRatchet => {
    const { agreed, exchange, ...others } = state
    const answering =
      exchange?.kind === 'answering'
        ? { exchange: { ...exchange, epochKey: { ...exchange.epochKey, key } } }
        : exchange === undefined
          ? {}
          : { exchange }
    return { ...others, ...(agreed === undefined ? {} : { agreed: { ...agreed, key } }), ...answering }
  }
  return {
    ...rest,
    ...(receiving === undefined ? {} : { receiving: keyed(receiving) }),
    ...(sending === undefined ? {} : { sending: keyed(sending) }),
    ...(pq === undefined ? {} : { pq: ratchet(pq) })
  }
}

describe('protocol/post-quantum, an attacker with every X25519 secret', () => {
  it('that stole a whole state reads on until the next epoch, and nothing after it', () => {
    const line = begin(true)
    line.toNextEpoch()
    const [, thiefsVictim] = line.endpoints
    const stolen = steal(thiefsVictim)
    const theft = { at: line.wire.length, epoch: Math.max(...line.endpoints.map(epochOf)) }
    line.toNextEpoch()
    line.exchange(3)
    const later = line.wire.slice(theft.at)
    const [before, after] = [
      later.filter(({ epoch }) => epoch <= theft.epoch),
      later.filter(({ epoch }) => epoch > theft.epoch)
    ]
    assert.ok(before.length > 0 && after.length >= 6)
    assert.ok(
      before.every((message) => reads(message, stolen)),
      'the attacker of this test can read'
    )
    assert.deepEqual(
      after.filter((message) => reads(message, stolen)),
      []
    )
  })

  it('reads everything where there is no post-quantum ratchet: it is what locks it out', () => {
    const line = begin(false)
    const { length } = line.wire
    line.now += 8 * DAY_MS
    line.exchange(20)
    assert.ok(line.wire.slice(length).every((message) => reads(message, { keys: [] })))
  })

  it('reads the epoch that was under way when it stole the seed of its offer, and is locked out by the one after', () => {
    const line = begin(true)
    line.now += 8 * DAY_MS
    line.exchange(1)
    const [offering] = line.endpoints
    assert.equal(offering.session.pq?.exchange?.kind, 'offering')
    line.exchange(8)
    // What the seed gives, with the ciphertext that it sees on the wire.
    const decapsulated = steal(must(line.endpoints[0]))
    assert.deepEqual([...new Set(decapsulated.keys.map(({ epoch }) => epoch))], [1])
    const { length } = line.wire
    line.exchange(1)
    line.toNextEpoch()
    line.exchange(1)
    const later = line.wire.slice(length)
    for (const message of later) assert.equal(reads(message, decapsulated), message.epoch === 1)
    assert.ok(later.some(({ epoch }) => epoch === 2))
  })

  it('cannot go back to an epoch it has the key of: neither side takes a chain of an older one', () => {
    const line = begin(true)
    line.toNextEpoch()
    const [old] = line.endpoints
    line.toNextEpoch()
    line.exchange(1)
    const [sender, recipient] = line.endpoints
    const random = seeded(3)
    // Everything of the sender that X25519 gives, and the post-quantum ratchet as it was.
    const { pq: _now, ...rest } = sender.session
    assert.equal(sender.session.sending, undefined, 'the next message begins a chain')
    for (const pq of [must(old.session.pq), undefined]) {
      const forged = prepareMessage({ ...rest, ...(pq === undefined ? {} : { pq }) }, random)
      const message = sealMessage(forged, PREFIX, BODY, random)
      const step = decryptMessage(recipient.session, { chain: 'next', number: 0 }, PREFIX, message)
      assertRejected(step, 'bad-pq-epoch')
    }
    const honest = prepareMessage(sender.session, random)
    const message = sealMessage(honest, PREFIX, BODY, random)
    const step = decryptMessage(recipient.session, { chain: 'next', number: 0 }, PREFIX, message)
    assert.equal(step.kind, 'decrypted')
  })

  it('cannot name an epoch that is not there yet, nor another one within a chain', () => {
    const line = begin(true)
    line.toNextEpoch()
    const [sender, recipient] = line.endpoints
    const random = seeded(4)
    const agreed = { epoch: 2, key: new Uint8Array(32) }
    const ahead = prepareMessage({ ...sender.session, pq: { ...must(sender.session.pq), agreed } }, random)
    assertRejected(
      decryptMessage(
        recipient.session,
        { chain: 'next', number: 0 },
        PREFIX,
        sealMessage(ahead, PREFIX, BODY, random)
      ),
      'bad-pq-epoch'
    )
    const first = prepareMessage(sender.session, random)
    const opened = expectKind(
      decryptMessage(
        recipient.session,
        { chain: 'next', number: 0 },
        PREFIX,
        sealMessage(first, PREFIX, BODY, random)
      ),
      'decrypted'
    )
    const { pq: _key, ...chain } = must(first.session.sending)
    for (const sending of [chain, { ...chain, pq: agreed }]) {
      const other = prepareMessage({ ...first.session, sending }, random)
      const step = decryptMessage(
        opened.session,
        { chain: 'current', number: 1 },
        PREFIX,
        sealMessage(other, PREFIX, BODY, random)
      )
      assertRejected(step, 'bad-pq-epoch')
    }
  })
})
