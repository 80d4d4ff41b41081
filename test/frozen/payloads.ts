import assert from 'node:assert/strict'
import { MAX_BODIES, MAX_CONTENT_BYTES, MAX_PARENTS, MAX_RECEIPT_RANGES } from '../../src/protocol/limits.js'
import {
  decodePayload,
  encodeBody,
  encodePayload,
  type Body,
  type Receipt
} from '../../src/protocol/message/payload.js'
import { joined, NOW, seeded } from '../support/protocol-values.js'
import { sha256Hex, toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

const random = seeded(0xba)
const stream = random(8)

function body(fields: Partial<Body>): Body {
  return { stream, number: 7, clock: 1, parents: [], sentAt: NOW, ...fields }
}

function receipt(runs: number): Receipt {
  return { stream, delivered: Array.from({ length: runs }, (_, run) => [run * 3, 2]).flat(), read: [0, 1] }
}

const { text: _none, ...untold } = body({ text: '' })
const data = (length: number): Body => ({
  ...untold,
  data: { mediaType: 'image/png', bytes: new Uint8Array(length) }
})

/** Bodies and receipts, and what becomes of them. */
const payloads: Readonly<
  Record<string, readonly [bodies: readonly Body[], receipts: readonly Receipt[], result: string]>
> = {
  'a text': [[body({ text: 'Moin' })], [], 'decoded'],
  'an empty text': [[body({ text: '' })], [], 'decoded'],
  'a text beyond ASCII, with a mark before it': [[body({ text: '\ufeffæ 😀' })], [], 'decoded'],
  'the largest text': [[body({ text: 'x'.repeat(MAX_CONTENT_BYTES) })], [], 'decoded'],
  'refused: a text of one byte more': [[body({ text: 'x'.repeat(MAX_CONTENT_BYTES + 1) })], [], 'over-limit'],
  'the largest numbers': [
    [body({ text: 'x', number: 2 ** 53 - 1, clock: 2 ** 53 - 1, sentAt: 2 ** 53 - 1 })],
    [],
    'decoded'
  ],
  'the most parents': [
    [body({ text: 'x', parents: Array.from({ length: MAX_PARENTS }, () => random(16)) })],
    [],
    'decoded'
  ],
  'refused: a parent too many': [
    [body({ text: 'x', parents: Array.from({ length: MAX_PARENTS + 1 }, () => random(16)) })],
    [],
    'malformed'
  ],
  'refused: a parent that is no id': [[body({ text: 'x', parents: [random(15)] })], [], 'over-limit'],
  'refused: a stream that is none': [[body({ text: 'x', stream: random(7) })], [], 'over-limit'],
  data: [[data(5)], [], 'decoded'],
  'the largest data': [[data(MAX_CONTENT_BYTES)], [], 'decoded'],
  'refused: two kinds of content in one body': [[{ ...data(1), text: 'x' }], [], 'over-limit'],
  'a profile': [
    [{ ...untold, profile: { name: 'Bob', addresses: ['/ip4/10.0.0.1/tcp/1'], bundle: random(30) } }],
    [],
    'decoded'
  ],
  'a body of a kind that is not known yet': [[untold], [], 'decoded'],
  'an urgent text': [[body({ text: 'x', priority: 1 })], [], 'decoded'],
  'an emergency': [[body({ text: 'x', priority: 2 })], [], 'decoded'],
  'a text of a priority that is not known yet': [[body({ text: 'x', priority: 2 ** 32 - 1 })], [], 'decoded'],
  'many bodies': [
    Array.from({ length: MAX_BODIES }, (_, number) => body({ number, text: '.' })),
    [],
    'decoded'
  ],
  'refused: a body too many': [
    Array.from({ length: MAX_BODIES + 1 }, (_, number) => body({ number, text: '.' })),
    [],
    'malformed'
  ],
  'a receipt alone': [[], [receipt(1)], 'decoded'],
  'a receipt of the most runs': [[], [receipt(MAX_RECEIPT_RANGES)], 'decoded'],
  'refused: a receipt of one run more': [[], [receipt(MAX_RECEIPT_RANGES + 1)], 'malformed'],
  'refused: a receipt with runs that touch': [
    [],
    [{ stream, delivered: [0, 2, 2, 1], read: [] }],
    'over-limit'
  ],
  'refused: a receipt with half a run': [[], [{ stream, delivered: [3], read: [] }], 'over-limit'],
  nothing: [[], [], 'decoded']
}

/** What is said, as text that is the same for everybody. */
function said(payload: unknown): string {
  return JSON.stringify(payload, (_, value: unknown) =>
    value instanceof Uint8Array
      ? value.length > 64
        ? `sha256 ${sha256Hex(value)}`
        : toHex(value)
      : typeof value === 'string' && value.length > 64
        ? `${String(value.length)} × ${value.slice(0, 1)}`
        : value
  )
}

function described(name: string, bytes: Uint8Array, result: string): FrozenCase {
  const decoded = decodePayload(bytes)
  const says = decoded.kind === 'decoded' ? { says: sha256Hex(Buffer.from(said(decoded.payload))) } : {}
  return {
    name,
    payload: toHex(bytes),
    result,
    ...(bytes.length < 300 && decoded.kind === 'decoded' ? { says: said(decoded.payload) } : says)
  }
}

/** Field 99 with three bytes, field 100 with a number: of a later version. */
const LATER = Uint8Array.of(0x9a, 0x06, 3, 1, 2, 3, 0xa0, 0x06, 7)

/** Payloads of every kind, at their bounds and beyond them. */
export const frozenPayloads: FrozenFile = {
  name: 'payload',
  generate() {
    const plain = encodePayload([encodeBody(body({ text: 'Moin' }))], []).slice()
    const broken = plain.slice()
    broken[broken.length - 1] = 0xff
    return [
      ...Object.entries(payloads).map(([name, [bodies, receipts, result]]) =>
        described(name, encodePayload(bodies.map(encodeBody), receipts).slice(), result)
      ),
      described('with fields of a later version', joined(plain, LATER), 'decoded'),
      described('refused: a text that is no UTF-8', broken, 'malformed'),
      described('refused: a field cut short', plain.slice(0, -1), 'malformed')
    ]
  },
  consume(vector) {
    const decoded = decodePayload(vector.bytes('payload'))
    assert.equal(decoded.kind === 'decoded' ? 'decoded' : decoded.reason, vector.text('result'))
    if (decoded.kind === 'rejected') return
    const says = said(decoded.payload)
    assert.ok([says, sha256Hex(Buffer.from(says))].includes(vector.text('says')))
  }
}
