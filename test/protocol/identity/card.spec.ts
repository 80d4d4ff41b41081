import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sign } from '../../../src/crypto/signature.js'
import { label } from '../../../src/protocol/labels.js'
import {
  decodeCard,
  encodeCard,
  isSameIdentity,
  type ContactCard
} from '../../../src/protocol/identity/card.js'
import { encodeCardLink } from '../../../src/protocol/identity/card-link.js'
import { publicIdentity, type PublicIdentity } from '../../../src/protocol/identity/identity.js'
import {
  DAY_MS,
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_CARD_BYTES,
  MAX_NAME_BYTES
} from '../../../src/protocol/limits.js'
import { createInvite, createPerson } from '../../support/protocol-parties.js'
import {
  anyBytes,
  assertRejected,
  expectKind,
  flipped,
  joined,
  LOW_ORDER_KEYS,
  mutated,
  NOW,
  seeded
} from '../../support/protocol-values.js'

const [alice, bob] = [createPerson(1), createPerson(2)]
const { secret, oneTimeKey } = createInvite(seeded(3))
const invite = { secret, oneTimeKey: oneTimeKey.publicKey }
const ADDRESSES = ['/ip4/192.168.1.20/tcp/4001/p2p/12D3KooWGRUVh4fp9rPkTBcr9DCmqiKVkfNBLqzFPDsZKbmzVMoX']

type Fields = Omit<ContactCard, keyof PublicIdentity>

function short(more: Partial<Fields> = {}): Fields {
  return { notAfter: NOW + 7 * DAY_MS, name: 'Alice', addresses: ADDRESSES, ...more }
}

function decode(bytes: Uint8Array, now = NOW): ContactCard {
  return expectKind(decodeCard(bytes, now), 'decoded').card
}

describe('protocol/identity/card', () => {
  it('decodes every kind of card it encodes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 16 }).filter((name) => name.isWellFormed())
    const kinds = fc.record({
      name: text,
      addresses: fc.array(text, { maxLength: MAX_ADDRESSES }),
      notAfter: fc
        .integer({ min: Math.ceil(NOW / 1_000), max: 0xffff_ffff })
        .map((seconds) => seconds * 1_000),
      invited: fc.boolean(),
      full: fc.boolean()
    })
    fc.assert(
      fc.property(kinds, ({ invited, full, name, addresses, notAfter }) => {
        const fields = {
          name,
          addresses,
          notAfter,
          ...(invited ? { invite } : {}),
          ...(full ? { bundle: alice.bundle } : {})
        }
        const card = decode(encodeCard(alice.own, fields))
        assert.deepEqual(card, { ...publicIdentity(alice.own), ...fields })
      }),
      { numRuns: 60 }
    )
  })

  it('keeps a name as it was signed, to the byte', () => {
    assert.equal(decode(encodeCard(alice.own, short({ name: '\ufeffAlice' }))).name, '\ufeffAlice')
  })

  it('fits a comfortable QR code when short, and two kilobytes when full', () => {
    assert.ok(encodeCard(alice.own, short({ invite, addresses: [] })).length <= 220)
    assert.ok(encodeCard(alice.own, short({ invite })).length <= 300)
    assert.ok(encodeCard(alice.own, short({ invite, bundle: alice.bundle })).length <= 2_000)
  })

  it('stays within what a link may carry, however full', () => {
    const addresses = Array.from({ length: MAX_ADDRESSES }, () => 'x'.repeat(160))
    const bytes = encodeCard(
      alice.own,
      short({ invite, bundle: alice.bundle, addresses, name: 'n'.repeat(MAX_NAME_BYTES) })
    )
    assert.ok(bytes.length <= MAX_CARD_BYTES)
    assert.equal(decode(bytes).addresses.length, MAX_ADDRESSES)
    assert.ok(encodeCardLink(bytes).length > 0)
  })

  it('refuses every changed byte and every truncation', () => {
    for (const fields of [short({ invite }), short({ bundle: alice.bundle })]) {
      const bytes = encodeCard(alice.own, fields)
      for (let at = 0; at < bytes.length; at += 1)
        assert.equal(decodeCard(flipped(bytes, at), NOW).kind, 'rejected', `byte ${at}`)
      for (let length = 0; length < bytes.length; length += 7)
        assert.equal(decodeCard(bytes.subarray(0, length), NOW).kind, 'rejected')
      assertRejected(decodeCard(Uint8Array.from([...bytes, 0]), NOW), 'malformed')
    }
  })

  it('takes any and mutated bytes without throwing', () => {
    const bytes = encodeCard(alice.own, short({ invite, bundle: alice.bundle }))
    fc.assert(
      fc.property(fc.oneof(anyBytes(600), mutated(bytes)), (hostile) => {
        assert.equal(decodeCard(hostile, NOW).kind, 'rejected')
      }),
      { numRuns: 250 }
    )
  })

  it('says of a card of another version that it is not supported', () => {
    const bytes = encodeCard(alice.own, short())
    assertRejected(decodeCard(flipped(bytes, 0, 3), NOW), 'unsupported')
    assertRejected(decodeCard(flipped(bytes, 1, 3), NOW), 'unsupported')
    assertRejected(decodeCard(flipped(bytes, 2, 0x80), NOW), 'unsupported')
    assertRejected(decodeCard(new Uint8Array(0), NOW), 'malformed')
  })

  it('refuses a card with the bundle of another identity, though its own signature holds', () => {
    assertRejected(decodeCard(encodeCard(alice.own, short({ bundle: bob.bundle })), NOW), 'malformed')
    const mixed = { ...alice.own, dh: bob.own.dh }
    assertRejected(decodeCard(encodeCard(mixed, short({ bundle: alice.bundle })), NOW), 'malformed')
  })

  it('takes as many addresses, and as long ones and a name as long, as it may have, and no more', () => {
    const address = 'x'.repeat(MAX_ADDRESS_BYTES)
    const most = Array.from({ length: MAX_ADDRESSES }, () => address)
    assert.deepEqual(decode(encodeCard(alice.own, short({ addresses: most }))).addresses, most)
    const name = 'x'.repeat(MAX_NAME_BYTES)
    assert.equal(decode(encodeCard(alice.own, short({ name }))).name, name)
    for (const more of [{ addresses: [...most, ''] }, { addresses: [`${address}x`] }, { name: `${name}x` }])
      assertRejected(decodeCard(encodeCard(alice.own, short(more)), NOW), 'malformed')
  })

  it('refuses a card with an address that is no text, though its own signature holds', () => {
    const bytes = encodeCard(alice.own, short())
    const at = Buffer.from(bytes).indexOf('/ip4/192')
    const fields = flipped(bytes, at, 0xff ^ 0x2f).subarray(0, -64)
    const signature = sign(joined(label('card'), fields), alice.own.signing.secretKey)
    assertRejected(decodeCard(joined(fields, signature), NOW), 'malformed')
  })

  it('refuses a card past its time by more than a wrong clock explains', () => {
    const bytes = encodeCard(alice.own, short({ notAfter: NOW }))
    assert.equal(decodeCard(bytes, NOW + DAY_MS).kind, 'decoded')
    assertRejected(decodeCard(bytes, NOW + DAY_MS + 1), 'expired')
    assertRejected(decodeCard(bytes, Date.UTC(2100, 0, 1)), 'expired')
    assert.equal(decodeCard(bytes, 0).kind, 'decoded')
    const late = encodeCard(alice.own, short({ notAfter: Date.UTC(2100, 0, 1) }))
    assert.equal(decode(late, Date.UTC(2099, 11, 20)).notAfter, Date.UTC(2100, 0, 1))
  })

  it('does not take a card signed with a key of small order', () => {
    const bytes = encodeCard(alice.own, short())
    for (const low of LOW_ORDER_KEYS) {
      const changed = bytes.slice()
      changed.set(low, 4)
      // R = A and S = 0 would satisfy the cofactored equation for some messages.
      changed.set(low, changed.length - 64)
      changed.fill(0, changed.length - 32)
      assert.equal(decodeCard(changed, NOW).kind, 'rejected')
    }
  })

  it('tells identities apart by both keys', () => {
    const [one, other] = [publicIdentity(alice.own), publicIdentity(bob.own)]
    assert.ok(isSameIdentity(one, structuredClone(one)))
    assert.equal(isSameIdentity(one, { ...one, dhKey: other.dhKey }), false)
    assert.equal(isSameIdentity(one, { ...one, signingKey: other.signingKey }), false)
  })
})
