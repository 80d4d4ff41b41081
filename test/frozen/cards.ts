import assert from 'node:assert/strict'
import { dhPublicKey } from '../../src/crypto/dh.js'
import { decodeCard, encodeCard } from '../../src/protocol/identity/card.js'
import { decodeCardLink, encodeCardLink } from '../../src/protocol/identity/card-link.js'
import {
  DAY_MS,
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_CARD_LIFETIME,
  MAX_NAME_BYTES
} from '../../src/protocol/limits.js'
import { plainPerson } from '../support/protocol-parties.js'
import { flipped, must, NOW, seeded } from '../support/protocol-values.js'
import { toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

const bob = plainPerson(0xca)
const random = seeded(0xcb)
const invite = { secret: random(32), oneTimeKey: dhPublicKey(random(32)) }
const notAfter = NOW + MAX_CARD_LIFETIME
const plain = { notAfter, name: 'Bob', addresses: ['/ip4/192.168.1.5/tcp/4001'] }
const longest = {
  notAfter,
  name: 'é'.repeat(MAX_NAME_BYTES / 2),
  addresses: Array.from({ length: MAX_ADDRESSES }, (_, index) =>
    `/dns4/${String(index)}`.padEnd(MAX_ADDRESS_BYTES, 'x')
  )
}

const cards: Readonly<Record<string, Uint8Array>> = {
  'short, with an invite': encodeCard(bob.own, { ...plain, invite }),
  'full, with an invite': encodeCard(bob.own, { ...plain, invite, bundle: bob.bundle }),
  'reusable and short, with neither name nor address': encodeCard(bob.own, {
    notAfter,
    name: '',
    addresses: []
  }),
  'reusable and full': encodeCard(bob.own, { ...plain, bundle: bob.bundle }),
  'as long as it may be': encodeCard(bob.own, { ...longest, invite, bundle: bob.bundle }),
  'with the longest name': encodeCard(bob.own, { ...plain, name: longest.name, invite })
}

function taken(name: string, card: Uint8Array, now = NOW): FrozenCase {
  return { name, card: toHex(card), link: encodeCardLink(card), now, result: 'decoded' }
}

function refused(reason: string, what: string, card: Uint8Array, now = NOW): FrozenCase {
  return { name: `refused: ${what}`, card: toHex(card), link: encodeCardLink(card), now, result: reason }
}

function generate(): FrozenCase[] {
  const short = must(cards['short, with an invite'])
  const lastMoment = notAfter + DAY_MS
  return [
    ...Object.entries(cards).map(([name, card]) => taken(name, card)),
    taken('in the last moment of its tolerance', short, lastMoment),
    refused('expired', 'a millisecond later', short, lastMoment + 1),
    refused('unsupported', 'another version', flipped(short, 0, 3)),
    refused('unsupported', 'another suite', flipped(short, 1, 3)),
    refused('unsupported', 'an unknown flag', flipped(short, 2, 4)),
    refused('malformed', 'a key of another kind', flipped(short, 3, 2)),
    refused('malformed', 'a byte too few', short.slice(0, -1)),
    refused('malformed', 'a byte too many', Uint8Array.of(...short, 0)),
    refused('bad-signature', 'another name', flipped(short, short.indexOf(0x42, 130))),
    refused('bad-signature', 'another signature', flipped(short, short.length - 1))
  ]
}

/** Contact cards and their links, and cards that are refused. */
export const frozenCards: FrozenFile = {
  name: 'card',
  generate,
  consume(vector) {
    const card = vector.bytes('card')
    assert.deepEqual(decodeCardLink(vector.text('link')), card)
    assert.deepEqual(decodeCardLink(vector.text('link').replace('hallig:', ' Hallig:\n')), card)
    const decoded = decodeCard(card, vector.number('now'))
    if (decoded.kind === 'rejected') {
      assert.equal(decoded.reason, vector.text('result'))
      return
    }
    assert.equal(vector.text('result'), 'decoded')
    assert.deepEqual(decoded.card.signingKey, bob.own.signing.publicKey)
    const { signingKey: _signer, dhKey: _device, ...rest } = decoded.card
    assert.deepEqual(encodeCard(bob.own, rest), card)
  }
}
