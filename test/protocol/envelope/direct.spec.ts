import assert from 'node:assert/strict'
import { DIRECT_FRAME_BYTES, openDirect, sealDirect } from '../../../src/protocol/envelope/direct.js'
import { PREFIX_BYTES } from '../../../src/protocol/envelope/envelope.js'
import { MAX_ENVELOPE_BYTES } from '../../../src/protocol/limits.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { HELLO_DAY, outlineOf } from '../../support/protocol-hello.js'
import { establish } from '../../support/protocol-parties.js'
import {
  assertRejected,
  deepFrozen,
  expectKind,
  flipped,
  joined,
  seeded
} from '../../support/protocol-values.js'

describe('protocol/envelope/direct', () => {
  const { alice, bob } = establish(1)
  const sender = deepFrozen(endpointOf(alice))
  const recipient = deepFrozen(endpointOf(bob))

  it('Invariant 8: refuses every changed byte of an envelope, leaves the state as it was, and takes the true one afterwards', () => {
    const { envelope } = sendText(sender, 'hello', seeded(2))
    const before = structuredClone(recipient)
    const tags = new TagLookup()
    for (let at = 0; at < envelope.length; at += 1) {
      const { kind } = receive(recipient, flipped(envelope, at, 1 + (at % 255)), tags)
      assert.notEqual(kind, 'delivered', `byte ${at}`)
    }
    assert.deepEqual(recipient, before)
    assert.equal(expectKind(receive(recipient, envelope, tags), 'delivered').text, 'hello')
  })

  it('keeps nothing of one content where it pads the next, nor of one whose sealing failed', () => {
    const random = seeded(9)
    const sealing = (length: number) =>
      sealDirect(sender.session, new Uint8Array(length).fill(0xff), HELLO_DAY, random)
    const long = expectKind(sealing(900), 'sealed').envelope
    const fails = (): never => {
      throw new Error('no randomness')
    }
    assert.throws(() => sealDirect(sender.session, new Uint8Array(300).fill(0xff), HELLO_DAY, fails))
    const { envelope } = sendText(sender, 'short', random)
    assert.ok(long.length > envelope.length)
    const text = expectKind(receive(recipient, envelope, new TagLookup()), 'delivered').text
    assert.equal(text, 'short')
  })

  it('refuses every changed byte of a late envelope and keeps its key', () => {
    const late = sendText(sender, 'late', seeded(3))
    const { envelope } = sendText(late.endpoint, 'first', seeded(4))
    const tags = new TagLookup()
    const { endpoint } = expectKind(receive(recipient, envelope, tags), 'delivered')
    const before = structuredClone(endpoint)
    for (let at = 0; at < late.envelope.length; at += 1) {
      assert.notEqual(receive(endpoint, flipped(late.envelope, at), tags).kind, 'delivered', `byte ${at}`)
    }
    assert.deepEqual(endpoint, before)
    assert.equal(expectKind(receive(endpoint, late.envelope, tags), 'delivered').text, 'late')
  })

  it('says nothing of the length of its content within a size', () => {
    for (const length of [0, 1, 404]) {
      const { envelope } = expectKind(
        sealDirect(alice, new Uint8Array(length), HELLO_DAY, seeded(5)),
        'sealed'
      )
      assert.equal(envelope.length, 512)
    }
    assert.equal(DIRECT_FRAME_BYTES, 107)
    const { envelope } = expectKind(sealDirect(alice, new Uint8Array(405), HELLO_DAY, seeded(5)), 'sealed')
    assert.equal(envelope.length, 1_024)
  })

  it('refuses content larger than the largest envelope and leaves the session', () => {
    const room = MAX_ENVELOPE_BYTES - DIRECT_FRAME_BYTES - 1
    assert.equal(sealDirect(alice, new Uint8Array(room), HELLO_DAY, seeded(5)).kind, 'sealed')
    assertRejected(sealDirect(alice, new Uint8Array(room + 1), HELLO_DAY, seeded(5)), 'too-large')
  })

  it('is made of prefix, nonce, header and body without a gap', () => {
    const { envelope } = sendText(sender, 'hello', seeded(6))
    const { prefix, message } = openDirect(outlineOf(envelope))
    assert.deepEqual(joined(prefix, message.nonce, message.sealedHeader, message.sealedBody), envelope)
  })

  it('Invariant 14: looks like nothing but random bytes after its tag', () => {
    const envelopes: Uint8Array[] = []
    let endpoint = sender
    for (let count = 0; count < 480; count += 1) {
      const sent = sendText(endpoint, 'always the same', seeded(100 + count))
      envelopes.push(sent.envelope)
      endpoint = sent.endpoint
    }
    const tolerance = 6 * Math.sqrt(envelopes.length / 4)
    for (let bit = 0; bit < 8 * 100; bit += 1) {
      const at = PREFIX_BYTES + (bit >> 3)
      const ones = envelopes.filter((bytes) => (((bytes[at] ?? 0) >> (bit & 7)) & 1) === 1).length
      assert.ok(Math.abs(ones - envelopes.length / 2) < tolerance, `bit ${bit & 7} of byte ${at}: ${ones}`)
    }
  })
})
