import assert from 'node:assert/strict'
import { sealInHello } from '../../src/protocol/handshake/say-hello.js'
import { decodeCardLink, encodeCardLink } from '../../src/protocol/identity/card-link.js'
import { decodeCard, encodeCard } from '../../src/protocol/identity/card.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { decodeBundle, issueBundle } from '../../src/protocol/prekeys/bundle.js'
import type { OracleAnswers } from '../support/oracle-process.js'
import {
  answerOracle,
  befriendOracle,
  describeWithOracle,
  inPair,
  untilTaken,
  type Pair
} from '../support/oracle-pair.js'
import { hexOf } from '../support/protocol-endpoint.js'
import { HELLO_DAY } from '../support/protocol-hello.js'
import { begin, createPerson, type Begun } from '../support/protocol-parties.js'
import { expectKind, flipped, LOW_ORDER_KEYS, must, NOW, seeded } from '../support/protocol-values.js'
import { hex, utf8 } from '../support/vectors.js'

/** Places of an envelope at which a bit is flipped. */
const FLIPS = 256

/** What the oracle forges in a message of a chain that the messenger knows, and what the messenger says to it. */
const FORGED_MESSAGES: Record<string, RegExp> = {
  'another-ratchet-key': /^bad-header$/,
  'another-number': /^bad-header$/,
  'header-flags': /^bad-header$/,
  'header-pq': /^bad-header$/,
  'unknown-flag': /^bad-header$/,
  'epoch-in-chain': /^bad-pq-epoch$/,
  'piece-part': /^malformed-piece$/,
  'piece-chunk': /^malformed-piece$/,
  'piece-length': /^malformed-piece$/,
  'piece-empty': /^malformed-piece$/,
  'offer-mac': /^bad-offer$/,
  'offer-of-later': /^$/,
  'answer-to-nothing': /^$/,
  'unknown-kind': /^not-welcome$/,
  'unpadded-body': /^malformed$/,
  'no-protobuf': /^malformed$/,
  'packed-runs': /^malformed$/,
  'text-no-utf8': /^(malformed|over-limit)$/,
  'name-no-utf8': /^(malformed|over-limit)$/,
  'too-many-bodies': /^(malformed|over-limit)$/,
  'number-too-large': /^(malformed|over-limit)$/,
  'short-stream': /^(malformed|over-limit)$/,
  'too-many-parents': /^(malformed|over-limit)$/,
  'text-and-data': /^(malformed|over-limit)$/,
  'odd-runs': /^(malformed|over-limit)$/,
  'touching-runs': /^(malformed|over-limit)$/,
  'empty-run': /^(malformed|over-limit)$/
}

/** The same for the first message of a new chain. */
const FORGED_TURNS: Record<string, string> = {
  'low-order-ratchet-key': 'bad-ratchet-key',
  'far-previous': 'too-far-ahead',
  'another-ratchet-key': 'bad-body',
  'epoch-of-nobody': 'bad-pq-epoch'
}

/** The same for a hello. */
const FORGED_HELLOS: Record<string, string> = {
  'low-order-hello-key': 'not-for-us',
  'low-order-ephemeral': 'bad-key',
  'low-order-device-key': 'bad-key',
  'hello-unpadded': 'bad-content',
  'hello-short': 'bad-content',
  'hello-version': 'bad-content',
  'hello-certificate': 'bad-content',
  'hello-generation': 'bad-content',
  'hello-flags': 'bad-content',
  'hello-without-pq': 'bad-body',
  'hello-bundle': 'unknown-bundle',
  'hello-kem-prekey': 'unknown-kem-prekey',
  'hello-tag': 'unexpected-tag'
}

describeWithOracle('what the second implementation must refuse, and what of its own', (oracle) => {
  it('a card of a messenger with a byte changed', async () => {
    await inPair(oracle(), 1010, async ({ alice }) => {
      for (const [kind, invite, bundle] of [
        [{}, true, false],
        [{ size: 'full' }, true, true],
        [{ reusable: true }, false, false],
        [{ reusable: true, size: 'full' }, false, true]
      ] as const) {
        const link = await alice.card(kind)
        const read = await oracle().ask('read-card', { link })
        assert.deepEqual([read.name, read.invite, read.bundle], ['alice', invite, bundle])
        const bytes = Uint8Array.from(Buffer.from(link.slice('hallig:'.length), 'base64url'))
        for (let at = 0; at < bytes.length; at += 61) {
          const changed = `hallig:${Buffer.from(flipped(bytes, at)).toString('base64url')}`
          const reason = await oracle().refusal('read-card', { link: changed })
          assert.match(reason, /^(malformed|unsupported|bad-signature)$/, String(at))
        }
      }
    })
  })

  it('a card of its own with a byte changed', async () => {
    await inPair(oracle(), 1011, async ({ alice, bob }) => {
      const bytes = decodeCardLink(await bob.card())
      for (let at = 0; at < must(bytes).length; at += 61)
        assert.equal(decodeCard(flipped(must(bytes), at), NOW).kind, 'rejected', String(at))
      assert.equal((await alice.add(await bob.card())).name, 'bob')
    })
  })

  for (const [what, sort] of [
    ['a message', 'direct'],
    ['a hello', 'hello']
  ] as const) {
    it(`${what} of a messenger with a byte changed, while it takes it unchanged`, async () => {
      await inPair(oracle(), 1020, async (pair) => {
        const { world, alice, bob } = pair
        if (sort === 'direct') await befriendOracle(pair)
        else await alice.add(await bob.card())
        const ofAlice = (): number => world.published.filter(({ by }) => by === 'alice').length
        const before = ofAlice()
        await alice.say(bob, 'whole')
        await world.until(() => ofAlice() > before)
        const { envelope } = must(world.published.findLast(({ by }) => by === 'alice'))
        const envelopes = Array.from({ length: FLIPS }, (_, n) => {
          const at = Math.floor((n * envelope.length) / FLIPS)
          return hexOf(flipped(envelope, at, 1 << (n % 8)))
        })
        const replies = await oracle().ask('receive-all', { envelopes, now: bob.now })
        const taken = replies.flatMap((reply, at) => ('ok' in reply ? [at] : []))
        assert.deepEqual(taken, [])
        await bob.listen(500)
        assert.equal(bob.inbox.at(-1)?.text, 'whole')
      })
    })

    it(`${what} of its own with a byte changed, while the messenger takes it unchanged`, async () => {
      await inPair(oracle(), 1030, async (pair) => {
        const { world, alice, bob } = pair
        if (sort === 'direct') await befriendOracle(pair)
        else await bob.add(await alice.card({ size: 'full' }))
        await world.pass(3_000)
        const [before, refused] = [alice.inbox.length, alice.refused.length]
        const envelope = hex((await bob.ask('send', { text: 'whole', now: bob.now })).envelope)
        for (let n = 0; n < FLIPS; n += 1) {
          // Behind the prefix: what is wrong there, or belongs to nobody, is not reported.
          const at = 20 + Math.floor((n * (envelope.length - 20)) / FLIPS)
          bob.inject(flipped(envelope, at, 1 << (n % 8)))
        }
        await world.pass(1_000)
        assert.equal(alice.inbox.length, before)
        assert.equal(alice.refused.length, refused + FLIPS)
        bob.publish(hexOf(envelope))
        await world.until(() => alice.inbox.length === before + 1)
        await untilTaken(pair)
      })
    })
  }

  async function refusals(pair: Pair, what: string): Promise<string[]> {
    const before = pair.alice.refused.length
    await pair.bob.forge(what)
    await pair.world.pass(300)
    return pair.alice.refused.slice(before)
  }

  for (const [what, reason] of Object.entries(FORGED_MESSAGES)) {
    it(`its own message, forged: ${what}`, async () => {
      await inPair(oracle(), 1040, async (pair) => {
        await befriendOracle(pair)
        await pair.bob.say('before')
        await pair.world.pass(2_000)
        assert.match((await refusals(pair, what)).join(), reason)
        await pair.bob.say('after')
        await untilTaken(pair)
        await answerOracle(pair, 'and back')
        assert.deepEqual(pair.alice.heard, ['Moin', 'before', 'after'])
      })
    })
  }

  for (const [what, reason] of Object.entries(FORGED_TURNS)) {
    it(`its own first message of a chain, forged: ${what}`, async () => {
      await inPair(oracle(), 1050, async (pair) => {
        const { alice, bob } = pair
        await befriendOracle(pair)
        await alice.say(bob, 'your turn')
        await bob.listen(2_000)
        assert.equal(bob.inbox.at(-1)?.text, 'your turn')
        assert.deepEqual(await refusals(pair, what), [reason])
        await bob.say('after')
        await untilTaken(pair)
        await answerOracle(pair, 'and back')
      })
    })
  }

  for (const [what, reason] of Object.entries(FORGED_HELLOS)) {
    it(`its own hello, forged: ${what}`, async () => {
      await inPair(oracle(), 1060, async (pair) => {
        await pair.bob.add(await pair.alice.card({ size: 'full' }))
        await pair.world.pass(3_000)
        assert.deepEqual(await refusals(pair, what), [reason])
        await pair.bob.say('after')
        await untilTaken(pair)
        await answerOracle(pair, 'and back')
      })
    })
  }

  it('its own hello, forged to claim the post-quantum ratchet that it has not', async () => {
    await inPair(
      oracle(),
      1065,
      async (pair) => {
        await pair.bob.add(await pair.alice.card({ size: 'full' }))
        await pair.world.pass(3_000)
        assert.deepEqual(await refusals(pair, 'hello-with-pq'), ['bad-body'])
        await pair.bob.say('after')
        await untilTaken(pair)
        await answerOracle(pair, 'and back')
      },
      { capable: false }
    )
  })

  for (const what of ['low-order-prekeys', 'unreduced-kem-key']) {
    it(`its own bundle, forged: ${what}`, async () => {
      await inPair(oracle(), 1070, async ({ world, alice, bob }) => {
        await alice.add(await oracle().ask('forge', { what, now: bob.now }))
        const message = await alice.say(bob, 'to whom?')
        await world.pass(60_000)
        assert.equal(alice.statusOf(message), 'queued', 'there is no key to seal it for')
      })
    })
  }

  /** Ours as an initiator without scruples: what the oracle says to a hello whose session was tampered with. */
  async function helloRefused(
    tamper: (session: Begun['session']) => Begun['session']
  ): Promise<OracleAnswers['receive'] | string> {
    const created = await oracle().ask('create', { name: 'bob', seed: '01', now: NOW })
    const card = expectKind(
      decodeCard(must(decodeCardLink(await oracle().ask('card', { now: NOW }))), NOW),
      'decoded'
    ).card
    const invite = must(card.invite)
    const person = createPerson(1080)
    const { bundle } = expectKind(decodeBundle(hex(created.bundle)), 'decoded')
    const oneTimeKey = { publicKey: invite.oneTimeKey, secretKey: new Uint8Array(32) }
    const { session } = begin(
      person,
      { ...person, bundle },
      { invite: { secret: invite.secret, oneTimeKey, notAfter: card.notAfter } }
    )
    const said = sealInHello(tamper(session), person.certificate, utf8(''), HELLO_DAY, seeded(1081))
    const { envelope } = expectKind(said.hello, 'sealed')
    const [reply] = await oracle().ask('receive-all', { envelopes: [hexOf(envelope)], now: NOW })
    const answer = must(reply)
    return 'refused' in answer ? answer.refused : answer.ok.kind
  }

  it('a hello whose keys have a low order', async () => {
    assert.equal(await helloRefused((session) => session), 'taken')
    for (const publicKey of LOW_ORDER_KEYS) {
      const withRatchetKey = await helloRefused((session) => ({
        ...session,
        ownRatchetKey: { ...session.ownRatchetKey, publicKey }
      }))
      assert.equal(withRatchetKey, 'bad-ratchet-key', hexOf(publicKey))
      const withEphemeral = await helloRefused((session) => ({
        ...session,
        opening: { ...session.opening, ephemeralKey: publicKey }
      }))
      assert.equal(withEphemeral, 'bad-key', hexOf(publicKey))
    }
  })

  it('a bundle whose prekeys have a low order', async () => {
    await oracle().ask('create', { name: 'bob', seed: '02', now: NOW })
    const { own, bundle } = createPerson(1090)
    for (const [index, key] of LOW_ORDER_KEYS.entries()) {
      const encoded = issueBundle(own, {
        ...bundle,
        seq: bundle.seq + index,
        signedPrekeys: [key, key, key, key]
      })
      const bad = expectKind(decodeBundle(encoded), 'decoded').bundle
      const card = encodeCard(own, { notAfter: NOW + DAY_MS, name: '', addresses: [], bundle: bad })
      const { id } = await oracle().ask('add', { link: encodeCardLink(card), now: NOW })
      const reason = await oracle().refusal('send', { contact: id, text: 'to whom?', now: NOW })
      assert.equal(reason, 'bad-key', hexOf(key))
    }
  })
})
