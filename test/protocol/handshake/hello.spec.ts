import assert from 'node:assert/strict'
import fc from 'fast-check'
import { seal } from '../../../src/crypto/aead.js'
import { DH_KEY_BYTES, diffieHellman, generateDhKeyPair } from '../../../src/crypto/dh.js'
import { hkdf } from '../../../src/crypto/kdf.js'
import {
  encodePrefix,
  LANE_OPEN,
  LANE_TAGGED,
  PREFIX_BYTES
} from '../../../src/protocol/envelope/envelope.js'
import {
  encodeHelloContent,
  HELLO_FRAME_BYTES,
  ROUTE_BYTES
} from '../../../src/protocol/handshake/hello-layout.js'
import {
  helloChallenge,
  isPaid,
  openInvitedHello,
  openOpenHello,
  payHello,
  sealHello,
  type HelloRoute
} from '../../../src/protocol/handshake/hello.js'
import { inviteMask, inviteTag } from '../../../src/protocol/handshake/invite.js'
import { PROOF_BYTES } from '../../../src/protocol/handshake/proof-of-work.js'
import { MAX_ENVELOPE_BYTES, MAX_INVITED_HELLOS } from '../../../src/protocol/limits.js'
import { label } from '../../../src/protocol/labels.js'
import { choosePrekey } from '../../../src/protocol/prekeys/bundle.js'
import { renewPrekeys } from '../../../src/protocol/prekeys/prekeys.js'
import { HELLO_DAY, openInvited, outlineOf, paidHello, sayHello } from '../../support/protocol-hello.js'
import { begin, bundleOf, createInvite, createPerson } from '../../support/protocol-parties.js'
import { hexOf } from '../../support/protocol-endpoint.js'
import {
  assertRejected,
  expectKind,
  flipped,
  joined,
  LOW_ORDER_KEYS,
  must,
  mutated,
  NOW,
  seeded
} from '../../support/protocol-values.js'

const [alice, bob, mallory] = [createPerson(1), createPerson(2), createPerson(3)]
const invite = createInvite(seeded(4))
const { epoch, key: signedPrekey } = choosePrekey(bob.bundle, NOW)

function invited(): HelloRoute {
  return { epoch, signedPrekey, invite: { secret: invite.secret, count: 0 } }
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** Content that is good for nothing but to be carried. */
const CONTENT = seeded(5)(1_500)

describe('protocol/handshake/hello', () => {
  const { envelope } = sayHello(alice, begin(alice, bob, { invite }).session, 'hello', seeded(6))

  describe('in the invited lane', () => {
    it('opens for the holder of the invite and of the signed prekey, in 2 KiB', () => {
      assert.equal(envelope.length, 2_048)
      const outline = outlineOf(envelope)
      assert.equal(outline.lane, LANE_TAGGED)
      assert.deepEqual(outline.tag, inviteTag(invite.secret, 0))
      const { content, signedPrekey: used } = expectKind(openInvited(envelope, invite, 0, bob), 'opened')
      assert.deepEqual(content.certificate.signingKey, alice.own.signing.publicKey)
      assert.equal(used.epoch, epoch)
    })

    it('refuses every changed byte', () => {
      for (let at = 4; at < envelope.length; at += 1) {
        const changed = flipped(envelope, at, 1 + (at % 255))
        const { kind } = openInvitedHello(
          { ...outlineOf(envelope), bytes: changed },
          invite.secret,
          0,
          bob.prekeys
        )
        assert.equal(kind, 'rejected', `byte ${at}`)
      }
      for (let at = 0; at < 4; at += 1) {
        // The outline is checked before; its seal binds these bytes all the same.
        const changed = { ...outlineOf(envelope), bytes: flipped(envelope, at) }
        assertRejected(openInvitedHello(changed, invite.secret, 0, bob.prekeys), 'bad-seal')
      }
    })

    it('does not open with another invite, another number, or for anybody else', () => {
      assert.equal(openInvited(envelope, createInvite(seeded(7)), 0, bob).kind, 'rejected')
      assert.equal(openInvited(envelope, invite, 1, bob).kind, 'rejected')
      // Mallory got hold of the card: without the private prekey it opens nothing.
      assertRejected(openInvited(envelope, invite, 0, mallory), 'bad-seal')
    })

    it('does not open once the signed prekey of its week is deleted', () => {
      const late = {
        ...bob.prekeys,
        signedPrekeys: bob.prekeys.signedPrekeys.filter((prekey) => prekey.epoch !== epoch)
      }
      assertRejected(openInvitedHello(outlineOf(envelope), invite.secret, 0, late), 'unknown-epoch')
    })

    it('takes mutated bytes without throwing, and refuses them', () => {
      fc.assert(
        fc.property(mutated(envelope), (bytes) => {
          const outline = { ...outlineOf(envelope), bytes }
          assert.equal(openInvitedHello(outline, invite.secret, 0, bob.prekeys).kind, 'rejected')
        }),
        { numRuns: 150 }
      )
    })

    it('refuses a content that is none, though it was sealed rightly', () => {
      const { envelope: empty } = expectKind(sealHello(CONTENT, invited(), HELLO_DAY, seeded(8)), 'sealed')
      assertRejected(openInvited(empty, invite, 0, bob), 'bad-content')
    })

    it('refuses what has no padding, though it was sealed rightly', () => {
      const { publicKey, secretKey } = generateDhKeyPair(seeded(9))
      const route = joined(u32(epoch), publicKey)
      const mask = inviteMask(invite.secret, 0, ROUTE_BYTES)
      const prefix = encodePrefix(LANE_TAGGED, HELLO_DAY, inviteTag(invite.secret, 0))
      const bound = joined(
        prefix,
        route.map((byte, at) => byte ^ must(mask[at]))
      )
      const shared = must(diffieHellman(secretKey, signedPrekey))
      const context = joined(label('hello/key'), publicKey)
      const key = hkdf(joined(shared, invite.secret), new Uint8Array(32), context, 32)
      const nonce = seeded(10)(12)
      const sealed = seal(key, nonce, new Uint8Array(2_048 - HELLO_FRAME_BYTES.invited), bound)
      assertRejected(openInvited(joined(bound, nonce, sealed), invite, 0, bob), 'bad-content')
    })

    it('opens with either of two signed prekeys of one week', () => {
      const prekeys = renewPrekeys(bob.prekeys, bob.own, bob.prekeys.seq, NOW, seeded(11))
      const renewed = { ...bob, prekeys, bundle: bundleOf(prekeys) }
      for (const to of [bob, renewed]) {
        const begun = begin(alice, to, { invite })
        const said = sayHello(alice, begun.session, 'hello', seeded(12))
        expectKind(openInvited(said.envelope, invite, 0, renewed), 'opened')
      }
    })

    it('refuses an ephemeral key of low order', () => {
      for (const low of LOW_ORDER_KEYS) {
        const route = joined(u32(epoch), low)
        const mask = inviteMask(invite.secret, 0, ROUTE_BYTES)
        const bytes = envelope.slice()
        bytes.set(
          route.map((byte, index) => byte ^ (mask[index] ?? 0)),
          PREFIX_BYTES
        )
        assertRejected(openInvited(bytes, invite, 0, bob), 'not-for-us')
      }
    })

    it('looks like nothing but random bytes after its tag, so that it cannot be told from a message', () => {
      const hellos = Array.from({ length: 480 }, (_, seed) => {
        const route = {
          epoch,
          signedPrekey,
          invite: { secret: seeded(seed)(32), count: seed % MAX_INVITED_HELLOS }
        }
        return expectKind(sealHello(CONTENT, route, HELLO_DAY, seeded(1_000 + seed)), 'sealed').envelope
      })
      const bits = 8 * (ROUTE_BYTES + 64)
      // Six standard deviations; the seeds are fixed, so this passes always or never.
      const tolerance = 6 * Math.sqrt(hellos.length / 4)
      for (let bit = 0; bit < bits; bit += 1) {
        const at = PREFIX_BYTES + (bit >> 3)
        const ones = hellos.filter((bytes) => (((bytes[at] ?? 0) >> (bit & 7)) & 1) === 1).length
        assert.ok(Math.abs(ones - hellos.length / 2) < tolerance, `bit ${bit & 7} of byte ${at}: ${ones}`)
      }
      // The top bit of an X25519 key in plain would be 0 in all of them; here it is one in about half.
      const top = PREFIX_BYTES + 4 + DH_KEY_BYTES - 1
      const ones = hellos.filter((bytes) => (bytes[top] ?? 0) >= 0x80).length
      assert.ok(Math.abs(ones - 240) < 50, `top bit: ${ones}`)
    })

    it('shares no bytes with another hello of the same session but version, lane and day', () => {
      let { session } = begin(alice, bob, { invite })
      const said = Array.from({ length: 8 }, () => {
        const step = sayHello(alice, session, 'the same text', alice.random)
        session = step.session
        return step.envelope
      })
      const seen = new Set<string>()
      for (const bytes of said) {
        for (let at = 4; at < bytes.length; at += 4) seen.add(`${at} ${hexOf(bytes.subarray(at, at + 4))}`)
      }
      assert.equal(seen.size, (said.length * (2_048 - 4)) / 4)
    })

    it('refuses a signed prekey of low order, and a content larger than the largest envelope', () => {
      const [low] = LOW_ORDER_KEYS
      assertRejected(
        sealHello(CONTENT, { ...invited(), signedPrekey: low ?? CONTENT }, HELLO_DAY, seeded(9)),
        'bad-key'
      )
      const room = MAX_ENVELOPE_BYTES - HELLO_FRAME_BYTES.invited - 1
      assert.equal(sealHello(new Uint8Array(room), invited(), HELLO_DAY, seeded(9)).kind, 'sealed')
      assertRejected(sealHello(new Uint8Array(room + 1), invited(), HELLO_DAY, seeded(9)), 'too-large')
    })
  })

  describe('in the open lane', () => {
    it('opens for the holder of the signed prekey once it is paid for, and for nobody else', () => {
      const { envelope: open, unpaid, recipient, sender } = paidHello()
      const outline = outlineOf(open)
      assert.equal(outline.lane, LANE_OPEN)
      const { content } = expectKind(openOpenHello(outline, recipient.prekeys), 'opened')
      assert.deepEqual(content.certificate.signingKey, sender.own.signing.publicKey)
      assertRejected(openOpenHello(outline, bob.prekeys), 'not-for-us')
      assertRejected(openOpenHello(outlineOf(unpaid), recipient.prekeys), 'unpaid')
      assert.equal(isPaid(unpaid), false)
    })

    it('refuses every changed byte, for want of a proof', () => {
      const { envelope: open, recipient } = paidHello()
      for (let at = 4; at < open.length; at += 1) {
        const outline = { ...outlineOf(open), bytes: flipped(open, at, 1 + (at % 255)) }
        assertRejected(openOpenHello(outline, recipient.prekeys), 'unpaid')
      }
    })

    it('is told from others by a tag that only the recipient can compute', () => {
      const { envelope: open, recipient } = paidHello()
      const { tag } = outlineOf(open)
      const other = { ...outlineOf(open), tag: flipped(tag, 3) }
      assertRejected(openOpenHello(other, recipient.prekeys), 'not-for-us')
    })

    it('has a challenge over everything but the proof', () => {
      const { envelope: open, unpaid, challenge, proof } = paidHello()
      assert.deepEqual(helloChallenge(open), challenge)
      assert.deepEqual(payHello(unpaid, proof), open)
      const proofAt = PREFIX_BYTES + ROUTE_BYTES
      for (let at = 0; at < open.length; at += 1) {
        const isSame = Buffer.compare(helloChallenge(flipped(open, at)), challenge) === 0
        assert.equal(isSame, at >= proofAt && at < proofAt + PROOF_BYTES, `byte ${at}`)
      }
    })
  })

  it('cannot be carried from one lane into the other', () => {
    const { envelope: open, recipient } = paidHello()
    const asInvited = { ...outlineOf(open), bytes: flipped(open, 1) }
    assert.equal(openInvitedHello(asInvited, new Uint8Array(32), 0, recipient.prekeys).kind, 'rejected')
  })

  it('never has the sender in what is visible', () => {
    const { envelope: open, sender } = paidHello()
    for (const [bytes, who] of [[envelope, alice] as const, [open, sender] as const]) {
      for (const secret of [who.own.signing.publicKey, who.own.dh.publicKey, who.own.incarnation]) {
        assert.ok(!hexOf(bytes).includes(hexOf(secret)))
      }
    }
  })
})

describe('protocol/handshake/hello, with the largest message', () => {
  it('leaves room for the largest content that may be sent', () => {
    const { session } = begin(alice, bob, { invite })
    const content = encodeHelloContent({
      certificate: alice.certificate,
      generation: 1,
      bundleHash: session.opening.bundleHash,
      ephemeralKey: session.opening.ephemeralKey,
      kemCiphertext: session.opening.kemCiphertext,
      kemPrekeyId: session.opening.kemPrekeyId,
      oneTime: true,
      pqRatchet: true,
      tag: new Uint8Array(16),
      message: {
        nonce: new Uint8Array(12),
        sealedHeader: new Uint8Array(59),
        sealedBody: new Uint8Array(31_100)
      }
    })
    assert.equal(sealHello(content, invited(), HELLO_DAY, seeded(1)).kind, 'sealed')
  })
})
