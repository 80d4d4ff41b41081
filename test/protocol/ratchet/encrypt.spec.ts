import assert from 'node:assert/strict'
import { hexOf } from '../../support/protocol-endpoint.js'
import { decryptMessage } from '../../../src/protocol/ratchet/decrypt.js'
import { prepareMessage, sealMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { decodeHeader, SEALED_HEADER_BYTES } from '../../../src/protocol/ratchet/header.js'
import { establish } from '../../support/protocol-parties.js'
import { deepFrozen, expectKind, must, seeded } from '../../support/protocol-values.js'

const PREFIX = new Uint8Array(20)
const BODY = new Uint8Array(10)

describe('protocol/ratchet/encrypt', () => {
  it('leaves the session it was given as it was', () => {
    const session = deepFrozen(establish(1).alice)
    const before = structuredClone(session)
    sealMessage(prepareMessage(session, seeded(2)), PREFIX, BODY, seeded(3))
    assert.deepEqual(session, before)
  })

  it('Invariant 7: uses a new message key, tag and number each time, over many chains of both sides', () => {
    const random = seeded(4)
    const { alice, bob } = establish(5)
    const sessions = [alice, bob]
    const keys = new Set<string>()
    const tags = new Set<string>()
    let count = 0
    for (let turn = 0; turn < 24; turn += 1) {
      const [from, to] = turn % 2 === 0 ? [0, 1] : [1, 0]
      for (let number = 0; number < 1 + (turn % 5); number += 1) {
        const prepared = prepareMessage(must(sessions[from]), random)
        keys.add(hexOf(prepared.messageKey))
        tags.add(hexOf(prepared.tag))
        count += 1
        const header = must(decodeHeader(prepared.header))
        assert.equal(header.number, number)
        assert.equal(header.previousCount, turn < 2 ? 0 : 1 + ((turn - 2) % 5))
        const message = sealMessage(prepared, PREFIX, BODY, random)
        sessions[from] = prepared.session
        const expected = { chain: number === 0 ? 'next' : 'current', number } as const
        sessions[to] = expectKind(
          decryptMessage(must(sessions[to]), expected, PREFIX, message),
          'decrypted'
        ).session
      }
    }
    assert.equal(keys.size, count)
    assert.equal(tags.size, count)
  })

  it('repeats a key but never its nonce when a store was rolled back, so that what it reveals is a duplicate', () => {
    const random = seeded(6)
    const session = establish(7).alice
    const one = prepareMessage(session, random)
    const two = prepareMessage(structuredClone(session), random)
    assert.deepEqual(one.messageKey, two.messageKey)
    assert.deepEqual(one.tag, two.tag)
    assert.notDeepEqual(
      sealMessage(one, PREFIX, BODY, random).nonce,
      sealMessage(two, PREFIX, BODY, random).nonce
    )
  })

  it('wipes the message key once it was used and refuses to use it again', () => {
    const random = seeded(8)
    const prepared = prepareMessage(establish(9).alice, random)
    sealMessage(prepared, PREFIX, BODY, random)
    assert.deepEqual(prepared.messageKey, new Uint8Array(32))
    assert.throws(() => sealMessage(prepared, PREFIX, BODY, random), RangeError)
  })

  it('adds 59 bytes of header and 16 of body', () => {
    const random = seeded(10)
    const message = sealMessage(prepareMessage(establish(11).alice, random), PREFIX, BODY, random)
    assert.equal(SEALED_HEADER_BYTES, 59)
    assert.equal(message.sealedHeader.length, 59)
    assert.equal(message.sealedBody.length, BODY.length + 16)
  })

  it('lets a recipient answer only after it has heard from the initiator', () => {
    assert.throws(() => prepareMessage(establish(12).bob, seeded(13)), RangeError)
  })

  it('brings new randomness into the root key with every chain', () => {
    const random = seeded(14)
    const { alice, bob } = establish(15)
    const one = prepareMessage(alice, random)
    const heard = expectKind(
      decryptMessage(bob, { chain: 'next', number: 0 }, PREFIX, sealMessage(one, PREFIX, BODY, random)),
      'decrypted'
    )
    // A thief with the whole state of today, whose victim draws other randomness afterwards.
    const honest = prepareMessage(heard.session, seeded(16))
    const thief = prepareMessage(heard.session, seeded(17))
    assert.notDeepEqual(honest.messageKey, thief.messageKey)
    assert.notDeepEqual(honest.session.rootKey, thief.session.rootKey)
    assert.notDeepEqual(honest.session.ownRatchetKey.publicKey, thief.session.ownRatchetKey.publicKey)
    // The first header of the new chain is sealed under a key agreed before.
    assert.deepEqual(honest.headerKey, thief.headerKey)
  })
})
