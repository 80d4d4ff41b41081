import assert from 'node:assert/strict'
import type { RandomSource } from '../../src/crypto/random.js'
import { DIRECT_FRAME_BYTES } from '../../src/protocol/envelope/direct.js'
import type { HeaderKeys } from '../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { endpointOf, receive, sendText, TagLookup, type Endpoint } from '../support/protocol-endpoint.js'
import { establish, plainPerson } from '../support/protocol-parties.js'
import { flipped, must, NOW, scripted, seeded } from '../support/protocol-values.js'
import { hex, type Vector } from '../support/vectors.js'
import {
  recording,
  sha256Hex,
  shown,
  toHex,
  type FrozenCase,
  type FrozenFile,
  type Json
} from './frozen-file.js'

type Side = 'alice' | 'bob'

const LETTER = 'x'
const LONGEST_TEXT = 64
const ENVELOPE_SIZES = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768]

/** `a 'text'`: a side sends; `> n`: the other side of message *n* receives it; `! n`: receives it with its last byte changed. */
type Script = readonly (readonly [side: Side, text: string] | readonly ['>' | '!', number])[]

const scripts: Readonly<Record<string, Script>> = {
  'in order': [
    ['alice', 'one'],
    ['>', 0],
    ['alice', 'two'],
    ['>', 1],
    ['alice', ''],
    ['>', 2]
  ],
  'taking turns': [
    ['alice', 'a'],
    ['>', 0],
    ['bob', 'b'],
    ['>', 1],
    ['alice', 'c'],
    ['>', 2],
    ['bob', 'd'],
    ['>', 3]
  ],
  lost: [
    ['alice', 'one'],
    ['alice', 'lost'],
    ['alice', 'three'],
    ['>', 0],
    ['>', 2]
  ],
  reordered: [
    ['alice', 'one'],
    ['alice', 'two'],
    ['alice', 'three'],
    ['>', 2],
    ['>', 0],
    ['>', 1]
  ],
  'late, across steps of the ratchet': [
    ['alice', 'one'],
    ['>', 0],
    ['alice', 'late'],
    ['bob', 'b'],
    ['>', 2],
    ['alice', 'new chain'],
    ['>', 3],
    ['>', 1],
    ['bob', 'c'],
    ['>', 4]
  ],
  twice: [
    ['alice', 'one'],
    ['>', 0],
    ['>', 0]
  ],
  'forged, then as it was': [
    ['alice', 'one'],
    ['!', 0],
    ['>', 0]
  ],
  'a forged one that was skipped, then as it was': [
    ['alice', 'one'],
    ['alice', 'two'],
    ['>', 1],
    ['!', 0],
    ['>', 0]
  ],
  'at the edge of the window': [
    ...Array.from({ length: 64 }, (_, n) => ['alice', String(n)] as const),
    ['>', 63]
  ],
  'beyond the window': [
    ...Array.from({ length: 65 }, (_, n) => ['alice', String(n)] as const),
    ['>', 64],
    ['>', 0],
    ['>', 64]
  ]
}

/** Texts that just fill an envelope of each size, and the first that needs the next. */
const edges: Script = ENVELOPE_SIZES.flatMap((size, index) => {
  const most = size - DIRECT_FRAME_BYTES - 1
  const lengths = index + 1 < ENVELOPE_SIZES.length ? [most, most + 1] : [most]
  return lengths.map((length) => ['alice', LETTER.repeat(length)] as const)
})

const allScripts: Readonly<Record<string, Script>> = {
  ...scripts,
  'at the edges of every size': [...edges, ...edges.map((_, index) => ['>', index] as const)]
}

interface Ends {
  alice: Endpoint
  bob: Endpoint
}

function keysJson({ header, tag }: HeaderKeys): Json {
  return { header: toHex(header), tag: toHex(tag) }
}

/** A session before its first message, as the handshake leaves it. */
function sessionJson(session: Session): Json {
  const { sending, theirRatchetKey } = session
  return {
    id: toHex(session.id),
    associatedData: toHex(session.associatedData),
    rootKey: toHex(session.rootKey),
    ratchetPublic: toHex(session.ownRatchetKey.publicKey),
    ratchetSecret: toHex(session.ownRatchetKey.secretKey),
    ...(theirRatchetKey === undefined ? {} : { theirRatchetKey: toHex(theirRatchetKey) }),
    ...(sending === undefined
      ? {}
      : { chainKey: toHex(sending.chainKey), sending: [keysJson(sending.headerKeys)] }),
    nextSending: [keysJson(session.nextSendingHeaderKeys)],
    nextReceiving: [keysJson(session.nextReceivingHeaderKeys)]
  }
}

function keysIn(vector: Vector, field: string): HeaderKeys {
  const keys = must(vector.list(field)[0])
  return { header: keys.bytes('header'), tag: keys.bytes('tag') }
}

function sessionIn(vector: Vector): Session {
  return {
    id: vector.bytes('id'),
    associatedData: vector.bytes('associatedData'),
    generation: 1,
    createdAt: NOW,
    ownIncarnation: new Uint8Array(16),
    theirIncarnation: new Uint8Array(16),
    rootKey: vector.bytes('rootKey'),
    ownRatchetKey: { publicKey: vector.bytes('ratchetPublic'), secretKey: vector.bytes('ratchetSecret') },
    ...(vector.has('theirRatchetKey') ? { theirRatchetKey: vector.bytes('theirRatchetKey') } : {}),
    ...(vector.has('chainKey')
      ? { sending: { chainKey: vector.bytes('chainKey'), headerKeys: keysIn(vector, 'sending'), next: 0 } }
      : {}),
    previousCount: 0,
    nextSendingHeaderKeys: keysIn(vector, 'nextSending'),
    nextReceivingHeaderKeys: keysIn(vector, 'nextReceiving'),
    skippedCount: 0,
    stale: false
  }
}

/** What a side makes of an envelope: the text with a colon before it, or why there is none. */
function take(ends: Ends, to: Side, envelope: Uint8Array, tags: TagLookup): string {
  const receipt = receive(ends[to], envelope, tags)
  if (receipt.kind === 'unrecognised') return receipt.kind
  if (receipt.kind === 'rejected') return receipt.reason
  ends[to] = receipt.endpoint
  return receipt.text.length > LONGEST_TEXT ? `: ${String(receipt.text.length)} letters` : `: ${receipt.text}`
}

function send(ends: Ends, from: Side, text: string, random: RandomSource): Uint8Array {
  const sent = sendText(ends[from], text, random)
  ends[from] = sent.endpoint
  return sent.envelope
}

function lastByteChanged(envelope: Uint8Array): Uint8Array {
  return flipped(envelope, envelope.length - 1)
}

function transcript(name: string, script: Script, seed: number): FrozenCase {
  const { alice, bob } = establish(seed, plainPerson)
  const ends = { alice: endpointOf(alice), bob: endpointOf(bob) }
  const { random, drawn } = recording(seeded(seed))
  const tags = new TagLookup()
  const sent: { readonly to: Side; readonly envelope: Uint8Array }[] = []
  const steps = script.map(([what, value]): Json => {
    if (typeof value === 'string') {
      const from = what === 'alice' ? 'alice' : 'bob'
      const envelope = send(ends, from, value, random)
      sent.push({ to: from === 'alice' ? 'bob' : 'alice', envelope })
      const said = value.length > LONGEST_TEXT ? { letters: value.length } : { text: value }
      return { from, ...said, random: drawn(), ...shown('envelope', envelope) }
    }
    const { to, envelope } = must(sent[value])
    const arrived = what === '!' ? lastByteChanged(envelope) : envelope
    return { to, message: value, forged: what === '!' ? 1 : 0, result: take(ends, to, arrived, tags) }
  })
  return { name, alice: [sessionJson(alice)], bob: [sessionJson(bob)], steps }
}

/** Sends again, with the same randomness, and receives what the file says. */
function follow(vector: Vector): void {
  const ends = {
    alice: endpointOf(sessionIn(must(vector.list('alice')[0]))),
    bob: endpointOf(sessionIn(must(vector.list('bob')[0])))
  }
  const tags = new TagLookup()
  const sent: Uint8Array[] = []
  for (const step of vector.list('steps')) {
    if (step.has('from')) {
      const from = step.text('from') === 'alice' ? 'alice' : 'bob'
      const text = step.has('letters') ? LETTER.repeat(step.number('letters')) : step.text('text')
      const envelope = send(ends, from, text, scripted(...step.texts('random').map(hex)))
      if (step.has('envelope')) assert.deepEqual(envelope, step.bytes('envelope'))
      else assert.equal(sha256Hex(envelope), step.text('envelope.sha256'))
      sent.push(envelope)
      continue
    }
    const envelope = must(sent[step.number('message')])
    const arrived = step.number('forged') === 1 ? lastByteChanged(envelope) : envelope
    assert.equal(
      take(ends, step.text('to') === 'alice' ? 'alice' : 'bob', arrived, tags),
      step.text('result')
    )
  }
}

/** Conversations over one session: from the two states after a handshake, every envelope and what becomes of it. */
export const transcripts: FrozenFile = {
  name: 'ratchet',
  generate: () =>
    Object.entries(allScripts).map(([name, script], index) => transcript(name, script, 0x7100 + index)),
  consume: follow
}
