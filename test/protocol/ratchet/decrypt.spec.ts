import assert from 'node:assert/strict'
import fc from 'fast-check'
import { generateDhKeyPair } from '../../../src/crypto/dh.js'
import { seal } from '../../../src/crypto/aead.js'
import type { RandomSource } from '../../../src/crypto/random.js'
import { Writer } from '../../../src/codec/writer.js'
import {
  MAX_SKIPPED_PER_SESSION,
  MAX_TAG_WINDOW,
  NEXT_TAG_WINDOW,
  TAG_WINDOW
} from '../../../src/protocol/limits.js'
import {
  decryptMessage,
  decryptSkipped,
  type DecryptRejection
} from '../../../src/protocol/ratchet/decrypt.js'
import { prepareMessage, sealMessage, type RatchetMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { encodeHeader, type MessageHeader } from '../../../src/protocol/ratchet/header.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { establish, plainPerson } from '../../support/protocol-parties.js'
import {
  assertRejected,
  deepFrozen,
  expectKind,
  flipped,
  LOW_ORDER_KEYS,
  must,
  seeded
} from '../../support/protocol-values.js'

const PREFIX = new Uint8Array(20).fill(7)
const BODY = new Uint8Array(64).fill(9)

interface Pair {
  readonly alice: Session
  readonly bob: Session
  readonly random: RandomSource
}

function send(
  session: Session,
  random: RandomSource
): { readonly session: Session; readonly message: RatchetMessage } {
  const prepared = prepareMessage(session, random)
  return { session: prepared.session, message: sealMessage(prepared, PREFIX, BODY, random) }
}

/** A pair that has spoken both ways: both have both chains. */
function talking(seed = 1): Pair {
  const random = seeded(seed)
  const { alice, bob } = establish(seed)
  const hello = send(alice, random)
  const heard = expectKind(
    decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, hello.message),
    'decrypted'
  )
  const answer = send(heard.session, random)
  const reply = expectKind(
    decryptMessage(hello.session, { chain: 'next', number: 0 }, PREFIX, answer.message),
    'decrypted'
  )
  return { alice: deepFrozen(reply.session), bob: deepFrozen(answer.session), random }
}

/** A message under the sender's true keys with a header of the attacker's choice: what a hostile contact can make. */
function forge(session: Session, header: Partial<MessageHeader>, random: RandomSource): RatchetMessage {
  const prepared = prepareMessage(session, random)
  const honest = {
    ratchetKey: prepared.session.ownRatchetKey.publicKey,
    previousCount: prepared.session.previousCount,
    number: 0,
    pqEpoch: 0
  }
  return sealMessage({ ...prepared, header: encodeHeader({ ...honest, ...header }) }, PREFIX, BODY, random)
}

/** Refused for this reason, and the session as it was. */
function assertRefused(
  session: Session,
  step: () => { readonly kind: string },
  reason: DecryptRejection['reason']
): void {
  const before = structuredClone(session)
  assertRejected(step(), reason)
  assert.deepEqual(session, before)
}

describe('protocol/ratchet/decrypt', () => {
  it('refuses every changed byte of a message and leaves the session as it was', () => {
    const { alice, bob, random } = talking()
    const { message } = send(alice, random)
    const before = structuredClone(bob)
    const step = (prefix: Uint8Array, changed: RatchetMessage): { readonly kind: string } =>
      decryptMessage(bob, { chain: 'next', number: 0 }, prefix, changed)
    for (let at = 0; at < PREFIX.length; at += 1)
      assertRejected(step(flipped(PREFIX, at), message), 'bad-header')
    for (let at = 0; at < 12; at += 1)
      assertRejected(step(PREFIX, { ...message, nonce: flipped(message.nonce, at) }), 'bad-header')
    for (let at = 0; at < message.sealedHeader.length; at += 1) {
      assertRejected(
        step(PREFIX, { ...message, sealedHeader: flipped(message.sealedHeader, at) }),
        'bad-header'
      )
    }
    for (let at = 0; at < message.sealedBody.length; at += 1) {
      assertRejected(step(PREFIX, { ...message, sealedBody: flipped(message.sealedBody, at) }), 'bad-body')
    }
    assert.deepEqual(bob, before)
    assert.equal(step(PREFIX, message).kind, 'decrypted')
  })

  it('refuses any bytes as nonce, header and body', () => {
    const { bob } = talking()
    const bytes = fc.uint8Array({ maxLength: 120 })
    fc.assert(
      fc.property(
        fc.constantFrom('current' as const, 'next' as const),
        fc.nat({ max: 70 }),
        bytes,
        bytes,
        bytes,
        (chain, number, ...parts) => {
          const [nonce, sealedHeader, sealedBody] = parts
          assertRejected(
            decryptMessage(bob, { chain, number }, PREFIX, { nonce, sealedHeader, sealedBody }),
            'bad-header'
          )
          assertRejected(
            decryptSkipped(bob, new Uint8Array(32), PREFIX, { nonce, sealedHeader, sealedBody }),
            'bad-body'
          )
        }
      ),
      { numRuns: 200 }
    )
  })

  it('refuses a message at another number than its tag said', () => {
    const { alice, bob, random } = talking()
    const { message } = send(alice, random)
    assertRefused(bob, () => decryptMessage(bob, { chain: 'next', number: 1 }, PREFIX, message), 'bad-header')
    assertRefused(
      bob,
      () => decryptMessage(bob, { chain: 'current', number: 0 }, PREFIX, message),
      'bad-header'
    )
  })

  it('refuses a message it has already decrypted', () => {
    const { alice, bob, random } = talking()
    const { message } = send(alice, random)
    const once = expectKind(decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, message), 'decrypted')
    assertRefused(
      once.session,
      () => decryptMessage(once.session, { chain: 'current', number: 0 }, PREFIX, message),
      'bad-header'
    )
    assertRefused(
      once.session,
      () => decryptMessage(once.session, { chain: 'next', number: 0 }, PREFIX, message),
      'bad-header'
    )
  })

  it('refuses a message reflected to its author', () => {
    const { alice, random } = talking()
    const sent = send(alice, random)
    for (const chain of ['current', 'next'] as const) {
      assertRefused(
        sent.session,
        () => decryptMessage(sent.session, { chain, number: 0 }, PREFIX, sent.message),
        'bad-header'
      )
    }
  })

  it('refuses a message of another session of the same two people', () => {
    const one = talking(1)
    const two = talking(2)
    const { message } = send(one.alice, one.random)
    assertRefused(
      two.bob,
      () => decryptMessage(two.bob, { chain: 'next', number: 0 }, PREFIX, message),
      'bad-header'
    )
  })

  it('refuses a message when the two sides were introduced with other identities or another bundle', () => {
    const { alice, bob, random } = talking()
    const other = { ...bob, associatedData: flipped(bob.associatedData, 0) }
    const { message } = send(alice, random)
    assertRefused(
      other,
      () => decryptMessage(other, { chain: 'next', number: 0 }, PREFIX, message),
      'bad-body'
    )
  })

  it('refuses a low-order ratchet key in an authentic header', () => {
    const { alice, bob, random } = talking()
    for (const ratchetKey of LOW_ORDER_KEYS) {
      const message = forge(alice, { ratchetKey }, random)
      assertRefused(
        bob,
        () => decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, message),
        'bad-ratchet-key'
      )
    }
  })

  it('refuses a chain that continues with another ratchet key', () => {
    const { alice, bob, random } = talking()
    const sent = send(alice, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, sent.message),
      'decrypted'
    )
    const message = forge(
      sent.session,
      { ratchetKey: generateDhKeyPair(random).publicKey, number: 1 },
      random
    )
    assertRefused(
      heard.session,
      () => decryptMessage(heard.session, { chain: 'current', number: 1 }, PREFIX, message),
      'bad-header'
    )
  })

  it('refuses a header that uses what is reserved for later', () => {
    const { alice, bob, random } = talking()
    for (const at of [40, 41, 42]) {
      const prepared = prepareMessage(alice, random)
      const message = sealMessage({ ...prepared, header: flipped(prepared.header, at) }, PREFIX, BODY, random)
      assertRefused(
        bob,
        () => decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, message),
        'bad-header'
      )
    }
  })

  it('Invariant 10: refuses an absurd number or length of the previous chain at once and keeps nothing', () => {
    const { alice, bob, random } = talking()
    const bombs = [
      { header: { number: 0xffff_ffff }, reason: 'bad-header' as const },
      { header: { previousCount: 0xffff_ffff }, reason: 'too-far-ahead' as const },
      { header: { previousCount: 1 + MAX_TAG_WINDOW + 1 }, reason: 'too-far-ahead' as const }
    ]
    for (const { header, reason } of bombs) {
      const message = forge(alice, header, random)
      // Four thousand million keys would take hours: that this ends at all says that none was derived.
      assertRefused(bob, () => decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, message), reason)
    }
    const expected = { chain: 'next', number: 0xffff_ffff } as const
    const message = forge(alice, { number: expected.number }, random)
    assertRefused(bob, () => decryptMessage(bob, expected, PREFIX, message), 'too-far-ahead')
  })

  it('takes a gap of the largest size, and computes no Diffie-Hellman for one that is larger', () => {
    const { alice, bob, random } = talking()
    const largest = forge(alice, { previousCount: 1 + MAX_TAG_WINDOW }, random)
    const taken = decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, largest)
    assert.equal(expectKind(taken, 'decrypted').skipped.length, MAX_TAG_WINDOW)
    // A key of low order is found out by the Diffie-Hellman.
    const larger = forge(
      alice,
      { previousCount: 1 + MAX_TAG_WINDOW + 1, ratchetKey: must(LOW_ORDER_KEYS[0]) },
      random
    )
    assertRefused(
      bob,
      () => decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, larger),
      'too-far-ahead'
    )
  })

  it('looks twice as far ahead once the upper half of its window is hit, or its chain is half as long', () => {
    const { alice, bob, random } = talking()
    const sent: RatchetMessage[] = []
    let sender = alice
    while (sent.length <= TAG_WINDOW / 2 + 1) {
      const step = send(sender, random)
      sender = step.session
      sent.push(step.message)
    }
    const hit = (session: Session, chain: 'current' | 'next', number: number): Session =>
      expectKind(decryptMessage(session, { chain, number }, PREFIX, must(sent[number])), 'decrypted').session
    const half = NEXT_TAG_WINDOW / 2
    assert.equal(hit(bob, 'next', half - 1).receiving?.window, NEXT_TAG_WINDOW)
    assert.equal(hit(bob, 'next', half).receiving?.window, 2 * NEXT_TAG_WINDOW)
    let inOrder = bob
    for (let number = 0; number < half; number++)
      inOrder = hit(inOrder, number === 0 ? 'next' : 'current', number)
    assert.equal(inOrder.receiving?.window, NEXT_TAG_WINDOW)
    const first = hit(bob, 'next', 0)
    const wide = { ...first, receiving: { ...must(first.receiving), window: TAG_WINDOW } }
    assert.equal(hit(wide, 'current', TAG_WINDOW / 2).receiving?.window, TAG_WINDOW)
    assert.equal(hit(wide, 'current', TAG_WINDOW / 2 + 1).receiving?.window, 2 * TAG_WINDOW)
    assert.equal(hit(inOrder, 'current', half).receiving?.window, 2 * NEXT_TAG_WINDOW)
  })

  it('refuses a tag of the chain it is at where there is none yet', () => {
    const random = seeded(3)
    const { alice, bob } = establish(3)
    const { message } = send(alice, random)
    assertRefused(
      bob,
      () => decryptMessage(bob, { chain: 'current', number: 0 }, PREFIX, message),
      'bad-header'
    )
  })

  it('takes no chain of an older post-quantum epoch than its own last one, nor any epoch without that ratchet', () => {
    const { alice, bob, random } = talking()
    const key = random(32)
    const ahead = {
      ...bob,
      receiving: { ...must(bob.receiving), pq: { epoch: 1, key } },
      sending: { ...must(bob.sending), pq: { epoch: 2, key } }
    }
    const older = forge(alice, { pqEpoch: 1 }, random)
    assertRefused(
      ahead,
      () => decryptMessage(ahead, { chain: 'next', number: 0 }, PREFIX, older),
      'bad-pq-epoch'
    )
    const { pq: _none, ...plain } = bob
    assertRefused(
      plain,
      () => decryptMessage(plain, { chain: 'next', number: 0 }, PREFIX, older),
      'bad-pq-epoch'
    )
  })

  it('takes a late message in a session without the post-quantum ratchet', () => {
    const random = seeded(4)
    const { alice, bob } = establish(4, plainPerson)
    const first = send(alice, random)
    const second = send(first.session, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 1 }, PREFIX, second.message),
      'decrypted'
    )
    const late = decryptSkipped(heard.session, must(heard.skipped[0]).key, PREFIX, first.message)
    assert.deepEqual(expectKind(late, 'decrypted').body, BODY)
  })

  it('skips as much as its limit allows and no more, over all chains', () => {
    const { alice, bob, random } = talking()
    const nearlyFull = { ...bob, skippedCount: MAX_SKIPPED_PER_SESSION - 10 }
    // Nine of the old chain and one of the new one still fit.
    const fits = forge({ ...alice, previousCount: 10 }, { number: 1, previousCount: 10 }, random)
    const step = decryptMessage(nearlyFull, { chain: 'next', number: 1 }, PREFIX, fits)
    // The key of the forged number is that of number 0, so that only the count is looked at.
    assertRejected(step, 'bad-body')
    const tooMany = forge(alice, { number: 2, previousCount: 10 }, random)
    assertRefused(
      nearlyFull,
      () => decryptMessage(nearlyFull, { chain: 'next', number: 2 }, PREFIX, tooMany),
      'too-many-skipped'
    )
  })

  it('keeps the keys it skips in two chains, each under its tag, and takes each late message once', () => {
    const { alice, bob, random } = talking()
    // Alice's first chain after the opening: three messages, only the second arrives. Then an answer, and a chain of two.
    const first = send(alice, random)
    const second = send(first.session, random)
    const third = send(second.session, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 1 }, PREFIX, second.message),
      'decrypted'
    )
    assert.equal(heard.skipped.length, 1)
    const answer = send(heard.session, random)
    const replied = expectKind(
      decryptMessage(third.session, { chain: 'next', number: 0 }, PREFIX, answer.message),
      'decrypted'
    )
    const fourth = send(replied.session, random)
    const fifth = send(fourth.session, random)
    const later = expectKind(
      decryptMessage(answer.session, { chain: 'next', number: 1 }, PREFIX, fifth.message),
      'decrypted'
    )
    assert.equal(later.skipped.length, 2)
    assert.equal(later.session.skippedCount, 3)
    const keys = [...heard.skipped, ...later.skipped].map(({ key }) => key)
    const messages = [first.message, third.message, fourth.message]
    let { session } = later
    for (const [index, key] of keys.entries()) {
      const late = expectKind(decryptSkipped(session, key, PREFIX, must(messages[index])), 'decrypted')
      assert.deepEqual(late.body, BODY)
      session = late.session
      for (const other of messages.filter((message) => message !== messages[index])) {
        assertRejected(decryptSkipped(session, key, PREFIX, other), 'bad-body')
      }
    }
    assert.equal(session.skippedCount, 0)
  })

  it('binds the envelope and the header of a late message too', () => {
    const { alice, bob, random } = talking()
    const first = send(alice, random)
    const second = send(first.session, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 1 }, PREFIX, second.message),
      'decrypted'
    )
    const { key } = must(heard.skipped[0])
    const { message } = first
    assertRejected(decryptSkipped(heard.session, key, flipped(PREFIX, 3), message), 'bad-body')
    assertRejected(
      decryptSkipped(heard.session, key, PREFIX, {
        ...message,
        sealedHeader: flipped(message.sealedHeader, 0)
      }),
      'bad-body'
    )
    assertRejected(
      decryptSkipped(heard.session, key, PREFIX, { ...message, nonce: flipped(message.nonce, 0) }),
      'bad-body'
    )
  })

  it('keeps no key of a chain that has ended but those of messages that may still come', () => {
    const { alice, bob, random } = talking()
    const first = send(alice, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, first.message),
      'decrypted'
    )
    const old = must(heard.session.receiving)
    const answer = send(heard.session, random)
    const replied = expectKind(
      decryptMessage(first.session, { chain: 'next', number: 0 }, PREFIX, answer.message),
      'decrypted'
    )
    const next = send(replied.session, random)
    const later = expectKind(
      decryptMessage(answer.session, { chain: 'next', number: 0 }, PREFIX, next.message),
      'decrypted'
    )
    const kept = JSON.stringify(later, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
    )
    for (const secret of [old.chainKey, old.headerKeys.header, old.headerKeys.tag, heard.session.rootKey]) {
      assert.ok(!kept.includes(Buffer.from(secret).toString('hex')))
    }
  })

  it('does not open a body that is sealed under the right key but belongs to another header', () => {
    const { alice, bob, random } = talking()
    const prepared = prepareMessage(alice, random)
    const nonce = random(12)
    const sealedHeader = seal(prepared.headerKey, nonce, prepared.header, PREFIX)
    const bound = new Writer().bytes(PREFIX).bytes(bob.associatedData).finish()
    const sealedBody = seal(prepared.messageKey, nonce, BODY, bound)
    assertRefused(
      bob,
      () => decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, { nonce, sealedHeader, sealedBody }),
      'bad-body'
    )
  })

  it('forgets the opening of a hello once it was answered, and not before', () => {
    const { alice, bob, random } = talking()
    const opening = {
      ephemeralKey: BODY,
      kemCiphertext: BODY,
      kemPrekeyId: BODY,
      epoch: 1,
      signedPrekey: BODY,
      bundleHash: BODY,
      oneTime: false,
      count: 1,
      firstCount: 0
    }
    const waiting = { ...alice, opening, stale: true }
    const answer = send(bob, random)
    assertRefused(
      waiting,
      () =>
        decryptMessage(waiting, { chain: 'current', number: 1 }, PREFIX, {
          ...answer.message,
          sealedBody: flipped(answer.message.sealedBody, 0)
        }),
      'bad-body'
    )
    const step = expectKind(
      decryptMessage(waiting, { chain: 'current', number: 1 }, PREFIX, answer.message),
      'decrypted'
    )
    assert.equal('opening' in step.session, false)
    assert.equal(step.session.stale, false)
  })
})
