import assert from 'node:assert/strict'
import { sealInHello, shouldSayHello } from '../../../src/protocol/handshake/say-hello.js'
import {
  MAX_CONTENT_BYTES,
  MAX_INVITED_HELLOS,
  MAX_OPEN_HELLOS,
  NEXT_TAG_WINDOW
} from '../../../src/protocol/limits.js'
import { HELLO_DAY } from '../../support/protocol-hello.js'
import { begin, createInvite, createPerson } from '../../support/protocol-parties.js'
import {
  assertRejected,
  deepFrozen,
  expectKind,
  LOW_ORDER_KEYS,
  must,
  seeded
} from '../../support/protocol-values.js'

const [alice, bob] = [createPerson(1), createPerson(2)]
const invite = createInvite(seeded(3))

describe('protocol/handshake/say-hello', () => {
  const invited = deepFrozen(begin(alice, bob, { invite }).session)
  const open = deepFrozen(begin(alice, bob).session)

  it('says hello until the first reply and as often as the lane allows', () => {
    assert.ok(shouldSayHello(invited))
    assert.ok(shouldSayHello(open))
    const { opening: _answered, ...answered } = invited
    assert.equal(shouldSayHello(answered), false)
    const after = (count: number, firstCount = 0): boolean =>
      shouldSayHello({ ...invited, opening: { ...invited.opening, count, firstCount } })
    assert.ok(after(MAX_INVITED_HELLOS - 1))
    assert.equal(after(MAX_INVITED_HELLOS), false)
    // The tags belong to the invite: a second session of it does not get more.
    assert.equal(after(MAX_INVITED_HELLOS, MAX_INVITED_HELLOS - 1), false)
    assert.equal(shouldSayHello({ ...open, opening: { ...open.opening, count: MAX_OPEN_HELLOS } }), false)
    assert.ok(shouldSayHello({ ...open, opening: { ...open.opening, count: 5, firstCount: 5 } }))
  })

  it('goes on to greet who has a stale bundle, while its owner can recognise the greeting', () => {
    const greeted = (count: number): boolean =>
      shouldSayHello({ ...open, stale: true, opening: { ...open.opening, count } })
    assert.ok(greeted(MAX_OPEN_HELLOS))
    assert.ok(greeted(NEXT_TAG_WINDOW - 1))
    assert.equal(greeted(NEXT_TAG_WINDOW), false)
  })

  it('advances ratchet and count together and leaves the session it was given', () => {
    const before = structuredClone(invited)
    const said = sealInHello(invited, alice.certificate, new Uint8Array(5), HELLO_DAY, seeded(4))
    assert.equal(said.session.opening?.count, 1)
    assert.equal(said.session.sending?.next, 1)
    assert.deepEqual(invited, before)
  })

  it('leaves an open hello to be paid for', () => {
    const said = sealInHello(open, alice.certificate, new Uint8Array(5), HELLO_DAY, seeded(4))
    assert.equal(expectKind(said.hello, 'unpaid').envelope.length, 2_048)
  })

  it('says so when the signed prekey is of low order', () => {
    const opening = { ...invited.opening, signedPrekey: must(LOW_ORDER_KEYS[0]) }
    const said = sealInHello(
      { ...invited, opening },
      alice.certificate,
      new Uint8Array(9),
      HELLO_DAY,
      seeded(5)
    )
    assertRejected(said.hello, 'bad-key')
  })

  it('carries the largest content, with room for what a message adds to it, and refuses more', () => {
    for (const session of [invited, open]) {
      const fits = sealInHello(
        session,
        alice.certificate,
        new Uint8Array(MAX_CONTENT_BYTES + 400),
        HELLO_DAY,
        seeded(4)
      )
      assert.notEqual(fits.hello.kind, 'rejected')
      const tooLarge = sealInHello(session, alice.certificate, new Uint8Array(31_500), HELLO_DAY, seeded(4))
      assertRejected(tooLarge.hello, 'too-large')
    }
  })
})
