import assert from 'node:assert/strict'
import { acceptHello, openFirstMessage } from '../../../src/protocol/handshake/accept-hello.js'
import { openOpenHello } from '../../../src/protocol/handshake/hello.js'
import type { HelloContent } from '../../../src/protocol/handshake/hello-layout.js'
import { innerPrefix } from '../../../src/protocol/handshake/say-hello.js'
import { unpad } from '../../../src/protocol/envelope/padding.js'
import { decryptMessage, decryptSkipped } from '../../../src/protocol/ratchet/decrypt.js'
import { findSignedPrekeys, issuePrekeys } from '../../../src/protocol/prekeys/prekeys.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { EPOCH_SECONDS, NEXT_TAG_WINDOW } from '../../../src/protocol/limits.js'
import { prepareMessage, sealMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { openInvited, outlineOf, paidHello, sayHello } from '../../support/protocol-hello.js'
import { begin, createInvite, createPerson } from '../../support/protocol-parties.js'
import {
  assertRejected,
  deepFrozen,
  expectKind,
  flipped,
  LOW_ORDER_KEYS,
  must,
  NOW,
  seeded
} from '../../support/protocol-values.js'

const [alice, bob] = [createPerson(1), createPerson(2)]
const invite = createInvite(seeded(3))
const signedPrekey = must(findSignedPrekeys(bob.prekeys, bob.bundle.firstEpoch)[0])

function contentOf(envelope: Uint8Array, count: number): HelloContent {
  return expectKind(openInvited(envelope, invite, count, bob), 'opened').content
}

function accept(content: HelloContent): Session {
  return expectKind(
    acceptHello(bob.own, bob.prekeys, signedPrekey, invite.oneTimeKey, content, NOW),
    'accepted'
  ).session
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(must(unpad(body)))
}

describe('protocol/handshake/accept-hello', () => {
  const begun = begin(alice, bob, { invite })
  const first = sayHello(alice, begun.session, 'one', seeded(4))
  const second = sayHello(alice, first.session, 'two', seeded(5))
  const third = sayHello(alice, second.session, 'three', seeded(6))

  it('accepts a hello, and both can go on with ordinary envelopes', () => {
    const content = contentOf(first.envelope, 0)
    const opened = expectKind(openFirstMessage(accept(content), content), 'decrypted')
    assert.equal(textOf(opened.body), 'one')
    const tags = new TagLookup()
    const answer = sendText(endpointOf(opened.session), 'answer', seeded(7))
    const heard = expectKind(receive(endpointOf(first.session), answer.envelope, tags), 'delivered')
    assert.equal(heard.text, 'answer')
    assert.equal('opening' in heard.endpoint.session, false)
    const more = sendText(heard.endpoint, 'more', seeded(8))
    assert.equal(expectKind(receive(answer.endpoint, more.envelope, tags), 'delivered').text, 'more')
  })

  it('accepts whichever hello of a session comes first, and the others as late messages of it', () => {
    const content = contentOf(third.envelope, 2)
    const opened = expectKind(openFirstMessage(accept(content), content), 'decrypted')
    assert.equal(textOf(opened.body), 'three')
    assert.equal(opened.skipped.length, 2)
    for (const [index, envelope] of [first.envelope, second.envelope].entries()) {
      const late = contentOf(envelope, index)
      const key = must(opened.skipped.find(({ tag }) => Buffer.compare(tag, late.tag) === 0)).key
      const prefix = innerPrefix(opened.session.id)
      assert.equal(
        textOf(expectKind(decryptSkipped(opened.session, key, prefix, late.message), 'decrypted').body),
        index === 0 ? 'one' : 'two'
      )
    }
  })

  it('looks for its message among the first of a chain, and no further', () => {
    const content = contentOf(first.envelope, 0)
    const accepted = accept(content)
    const random = seeded(12)
    let session: Session = begun.session
    const opened = Array.from({ length: NEXT_TAG_WINDOW + 1 }, () => {
      const prepared = prepareMessage(session, random)
      session = prepared.session
      const body = new Uint8Array(64)
      const { tag } = prepared
      const message = sealMessage(prepared, innerPrefix(session.id), body, random)
      return openFirstMessage(accepted, { ...content, tag, message })
    })
    assertRejected(must(opened[NEXT_TAG_WINDOW]), 'unexpected-tag')
    assert.ok(opened.slice(0, NEXT_TAG_WINDOW).every(({ kind }) => kind === 'decrypted'))
    assertRejected(openFirstMessage(accepted, { ...content, tag: new Uint8Array(16) }), 'unexpected-tag')
  })

  it('finds a hello that comes twice to be of the session it began, whose ratchet refuses the repeat', () => {
    const content = contentOf(first.envelope, 0)
    const opened = expectKind(openFirstMessage(accept(content), content), 'decrypted')
    const again = contentOf(first.envelope.slice(), 0)
    const { id } = accept(again)
    assert.deepEqual(id, opened.session.id)
    const step = decryptMessage(
      opened.session,
      { chain: 'current', number: 0 },
      innerPrefix(id),
      again.message
    )
    assertRejected(step, 'bad-header')
  })

  it('refuses a hello whose message does not verify, and leaves nothing behind', () => {
    const content = contentOf(first.envelope, 0)
    const { message } = content
    const before = structuredClone(bob.prekeys)
    deepFrozen(bob.prekeys)
    const changes: Partial<HelloContent>[] = [
      { message: { ...message, sealedBody: flipped(message.sealedBody, 0) } },
      { message: { ...message, sealedHeader: flipped(message.sealedHeader, 0) } },
      { message: { ...message, nonce: flipped(message.nonce, 0) } },
      { message: { ...message, sealedBody: new Uint8Array(0) } },
      { kemCiphertext: flipped(content.kemCiphertext, 9) },
      { ephemeralKey: flipped(content.ephemeralKey, 9) },
      { oneTime: false },
      { pqRatchet: false },
      { tag: flipped(content.tag, 0) },
      { certificate: { ...content.certificate, dhKey: bob.bundle.dhKey } },
      { certificate: { ...content.certificate, signingKey: bob.bundle.signingKey } }
    ]
    for (const change of changes) {
      const hostile = { ...content, ...change }
      assert.equal(openFirstMessage(accept(hostile), hostile).kind, 'rejected', Object.keys(change).join())
    }
    assert.deepEqual(bob.prekeys, before)
    // The same invite then serves the true hello.
    assert.equal(openFirstMessage(accept(content), content).kind, 'decrypted')
  })

  it('refuses a hello made with a bundle or a KEM prekey that was never issued', () => {
    const content = contentOf(first.envelope, 0)
    const step = (change: Partial<HelloContent>): unknown =>
      acceptHello(bob.own, bob.prekeys, signedPrekey, invite.oneTimeKey, { ...content, ...change }, NOW)
    assert.deepEqual(step({ bundleHash: flipped(content.bundleHash, 0) }), {
      kind: 'rejected',
      reason: 'unknown-bundle'
    })
    assert.deepEqual(step({ kemPrekeyId: flipped(content.kemPrekeyId, 0) }), {
      kind: 'rejected',
      reason: 'unknown-kem-prekey'
    })
  })

  it('refuses a hello with a one-time key that is gone, rather than going on without', () => {
    const content = contentOf(first.envelope, 0)
    assertRejected(
      acceptHello(bob.own, bob.prekeys, signedPrekey, undefined, content, NOW),
      'no-one-time-key'
    )
  })

  it('refuses keys of low order', () => {
    const content = contentOf(first.envelope, 0)
    for (const low of LOW_ORDER_KEYS) {
      const hostile = { ...content, certificate: { ...content.certificate, dhKey: low } }
      assertRejected(
        acceptHello(bob.own, bob.prekeys, signedPrekey, invite.oneTimeKey, hostile, NOW),
        'bad-key'
      )
      const other = { ...content, ephemeralKey: low }
      assertRejected(
        acceptHello(bob.own, bob.prekeys, signedPrekey, invite.oneTimeKey, other, NOW),
        'bad-key'
      )
    }
  })

  it('accepts a hello of the open lane', () => {
    const { envelope, recipient } = paidHello()
    const { content, signedPrekey: used } = expectKind(
      openOpenHello(outlineOf(envelope), recipient.prekeys),
      'opened'
    )
    const { session } = expectKind(
      acceptHello(recipient.own, recipient.prekeys, used, undefined, content, NOW),
      'accepted'
    )
    assert.equal(textOf(expectKind(openFirstMessage(session, content), 'decrypted').body), 'open')
  })

  it('accepts an old hello after weeks, and no longer once its prekeys are deleted', () => {
    let { prekeys } = bob
    const weeks = (count: number): number => NOW + count * EPOCH_SECONDS * 1_000
    for (let week = 1; week <= 8; week += 1)
      prekeys = issuePrekeys(prekeys, bob.own, weeks(week), seeded(100 + week))
    const later = { ...bob, prekeys }
    const { content, signedPrekey: used } = expectKind(
      openInvited(first.envelope, invite, 0, later),
      'opened'
    )
    const accepted = acceptHello(bob.own, prekeys, used, invite.oneTimeKey, content, weeks(8))
    assert.equal(openFirstMessage(expectKind(accepted, 'accepted').session, content).kind, 'decrypted')
    for (let week = 9; week <= 10; week += 1)
      prekeys = issuePrekeys(prekeys, bob.own, weeks(week), seeded(100 + week))
    assertRejected(openInvited(first.envelope, invite, 0, { ...bob, prekeys }), 'unknown-epoch')
  })
})
