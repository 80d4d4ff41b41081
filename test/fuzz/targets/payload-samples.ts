import type { Payload, Body, Receipt } from '../../../src/protocol/message/payload.js'
import { encodeBody, encodePayload } from '../../../src/protocol/message/payload.js'
import { NOW, seeded } from '../../support/protocol-values.js'

const random = seeded(0xdada)
const stream = random(8)

function body(number: number, fields: Partial<Body>): Body {
  return { stream, number, clock: number, parents: [], sentAt: NOW, ...fields }
}

function receipt(runs: number): Receipt {
  const pairs = Array.from({ length: runs }, (_, index) => [index * 3, 2]).flat()
  return { stream, delivered: pairs, read: pairs.slice(0, 2) }
}

const payloads: readonly Payload[] = [
  { bodies: [], receipts: [] },
  { bodies: [body(1, { text: 'Moin' })], receipts: [] },
  { bodies: [body(2 ** 53 - 1, { text: '' })], receipts: [receipt(1)] },
  {
    bodies: [
      body(3, { data: { mediaType: 'image/png', bytes: random(60) }, parents: [random(16), random(16)] })
    ],
    receipts: []
  },
  {
    bodies: [body(4, { profile: { name: 'Björn', addresses: ['/ip4/10.0.0.1/tcp/1'], bundle: random(40) } })],
    receipts: []
  },
  { bodies: [body(5, {})], receipts: [] },
  { bodies: Array.from({ length: 20 }, (_, index) => body(6 + index, { text: 'x' })), receipts: [] },
  { bodies: [], receipts: [receipt(64), receipt(0)] }
]

/** Encoded payloads of every kind. */
export const payloadSamples: readonly Uint8Array[] = payloads.map(({ bodies, receipts }) =>
  encodePayload(bodies.map(encodeBody), receipts).slice()
)
