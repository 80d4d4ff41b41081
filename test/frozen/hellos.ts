import assert from 'node:assert/strict'
import { dhPublicKey, type DhKeyPair } from '../../src/crypto/dh.js'
import { kemPublicKey } from '../../src/crypto/kem.js'
import { outlineEnvelope, LANE_OPEN } from '../../src/protocol/envelope/envelope.js'
import { unpad } from '../../src/protocol/envelope/padding.js'
import { acceptHello, openFirstMessage } from '../../src/protocol/handshake/accept-hello.js'
import { openInvitedHello, openOpenHello } from '../../src/protocol/handshake/hello.js'
import { EPOCH_SECONDS, MAX_CONTENT_BYTES } from '../../src/protocol/limits.js'
import type { Prekeys } from '../../src/protocol/prekeys/prekeys.js'
import { payForHello, sayHello } from '../support/protocol-hello.js'
import { begin, createInvite, createPerson, plainPerson, type Person } from '../support/protocol-parties.js'
import { flipped, must, NOW, seeded } from '../support/protocol-values.js'
import type { Vector } from '../support/vectors.js'
import { sha256Hex, shown, toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'
import { identityFields, identityIn } from './identities.js'

const WEEK_MS = EPOCH_SECONDS * 1_000

/** What a recipient needs of its own to open a hello. */
function recipientFields({ own, prekeys }: Person): Record<string, string | number | string[]> {
  return {
    ...identityFields(own),
    firstEpoch: must(prekeys.signedPrekeys[0]).epoch,
    signedPrekeySecrets: prekeys.signedPrekeys.map(({ secretKey }) => toHex(secretKey)),
    kemSecret: toHex(must(prekeys.kemPrekeys[0]).secretKey),
    bundleHash: toHex(must(prekeys.issued[0]).hash)
  }
}

function pairOf(secretKey: Uint8Array): DhKeyPair {
  return { publicKey: dhPublicKey(secretKey), secretKey }
}

function prekeysIn(vector: Vector): Prekeys {
  const first = vector.number('firstEpoch')
  const kemSecret = vector.bytes('kemSecret')
  const secrets = vector.texts('signedPrekeySecrets').map((text) => Uint8Array.from(Buffer.from(text, 'hex')))
  return {
    seq: 1,
    signedPrekeys: secrets.map((secret, index) => ({ epoch: first + index, ...pairOf(secret) })),
    kemPrekeys: [{ createdAt: NOW, publicKey: kemPublicKey(kemSecret), secretKey: kemSecret }],
    issued: [{ seq: 1, hash: vector.bytes('bundleHash'), notAfter: NOW }],
    bundle: new Uint8Array(0),
    issuedAt: NOW
  }
}

interface Hello {
  readonly fields: Omit<FrozenCase, 'name' | 'result'>
  readonly envelope: Uint8Array
}

function invited(
  seed: number,
  text: string,
  count: number,
  now: number,
  generation: number,
  create: (seed: number) => Person = plainPerson
): Hello {
  const [sender, recipient] = [create(seed), create(seed + 1)]
  const random = seeded(seed + 2)
  const invite = createInvite(random)
  const { session } = begin(sender, recipient, { invite, generation, now })
  const counted = { ...session, opening: { ...session.opening, count } }
  const { envelope } = sayHello(sender, counted, text, random)
  return {
    envelope,
    fields: {
      ...recipientFields(recipient),
      invite: toHex(invite.secret),
      oneTimeSecret: toHex(invite.oneTimeKey.secretKey),
      count,
      ...shown('text', new TextEncoder().encode(text)),
      sender: toHex(sender.own.signing.publicKey),
      generation
    }
  }
}

function open(): Hello {
  const { sender, recipient, envelope } = payForHello(plainPerson(51), plainPerson(52))
  return {
    envelope,
    fields: {
      ...recipientFields(recipient),
      text: toHex(new TextEncoder().encode('open')),
      sender: toHex(sender.own.signing.publicKey),
      generation: 1
    }
  }
}

function hello(
  name: string,
  { fields, envelope }: Hello,
  result = 'accepted',
  changed = envelope
): FrozenCase {
  return { name, ...fields, envelope: toHex(changed), now: NOW, result }
}

function generate(): FrozenCase[] {
  const first = invited(0x4e00, 'Moin', 0, NOW, 1)
  const opened = open()
  return [
    hello('invited, the first', first),
    hello('invited, the last, with an empty text', invited(0x4e10, '', 63, NOW, 2)),
    hello(
      'invited, with the last prekey of the bundle, of the highest generation',
      invited(0x4e20, 'x', 7, NOW + 3 * WEEK_MS, 2 ** 31)
    ),
    hello('invited, with the largest content', invited(0x4e30, 'ö'.repeat(MAX_CONTENT_BYTES / 2), 1, NOW, 1)),
    hello('invited, with the post-quantum ratchet', invited(0x4e40, 'Moin', 0, NOW, 1, createPerson)),
    hello('open', opened),
    hello(
      'refused: another number of the invite',
      { ...first, fields: { ...first.fields, count: 1 } },
      'unknown-epoch'
    ),
    hello('refused: another ephemeral key', first, 'bad-seal', flipped(first.envelope, 30)),
    hello('refused: another nonce', first, 'bad-seal', flipped(first.envelope, 60)),
    hello('refused: another expiry', first, 'bad-seal', flipped(first.envelope, 3)),
    hello(
      'refused: another byte at its end',
      first,
      'bad-seal',
      flipped(first.envelope, first.envelope.length - 1)
    ),
    hello(
      'refused: for another bundle',
      { ...first, fields: { ...first.fields, bundleHash: '00'.repeat(32) } },
      'unknown-bundle'
    ),
    hello('refused: open, without its proof', opened, 'unpaid', flipped(opened.envelope, 63, 0xff)),
    hello(
      'refused: open, with another proof of work than its bytes need',
      opened,
      'unpaid',
      flipped(opened.envelope, 400)
    )
  ]
}

/** Opened and accepted with nothing but what the case says: the text, or why not. */
function received(vector: Vector): { readonly result: string; readonly text?: Uint8Array } {
  const outlined = outlineEnvelope(vector.bytes('envelope'), vector.number('now'))
  if (outlined.kind === 'rejected') return { result: outlined.reason }
  const [own, prekeys] = [identityIn(vector), prekeysIn(vector)]
  const { outline } = outlined
  const opened =
    outline.lane === LANE_OPEN
      ? openOpenHello(outline, prekeys)
      : openInvitedHello(outline, vector.bytes('invite'), vector.number('count'), prekeys)
  if (opened.kind === 'rejected') return { result: opened.reason }
  const oneTime = vector.has('oneTimeSecret') ? pairOf(vector.bytes('oneTimeSecret')) : undefined
  const { content, signedPrekey } = opened
  assert.deepEqual(content.certificate.signingKey, vector.bytes('sender'))
  assert.equal(content.generation, vector.number('generation'))
  const accepted = acceptHello(own, prekeys, signedPrekey, oneTime, content, vector.number('now'))
  if (accepted.kind === 'rejected') return { result: accepted.reason }
  const message = openFirstMessage(accepted.session, content)
  if (message.kind === 'rejected') return { result: message.reason }
  return { result: 'accepted', text: must(unpad(message.body)) }
}

/** Hellos of both lanes, from the recipient's secrets to the text; and hellos that are refused. */
export const frozenHellos: FrozenFile = {
  name: 'hello',
  generate,
  consume(vector) {
    const { result, text } = received(vector)
    assert.equal(result, vector.text('result'))
    if (text === undefined) return
    if (vector.has('text')) assert.deepEqual(Uint8Array.from(text), vector.bytes('text'))
    else assert.equal(sha256Hex(text), vector.text('text.sha256'))
  }
}
