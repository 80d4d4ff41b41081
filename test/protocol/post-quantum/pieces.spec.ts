import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  CHUNK_BYTES,
  cutPiece,
  decodePiece,
  encodePiece,
  gather,
  isWhole,
  MIN_PIECE_BYTES,
  nothingGathered,
  outgoing,
  type Gathered
} from '../../../src/protocol/post-quantum/pieces.js'
import { ANSWER_BYTES, OFFER_BYTES } from '../../../src/protocol/post-quantum/pq-ratchet.js'
import { anyBytes, must, scripted, seeded } from '../../support/protocol-values.js'

const NAME = { epoch: 3, part: 'offer' } as const

describe('protocol/post-quantum/pieces', () => {
  it('decodes what it encodes, and nothing else than that', () => {
    fc.assert(
      fc.property(anyBytes(200), (bytes) => {
        const piece = decodePiece(bytes)
        if (piece !== undefined) assert.deepEqual(encodePiece(piece), bytes)
      })
    )
    for (const part of ['offer', 'answer'] as const) {
      const piece = { epoch: 65_535, part, first: 37, bytes: new Uint8Array(64).fill(9) }
      assert.deepEqual(decodePiece(encodePiece(piece)), piece)
    }
  })

  it('refuses epoch 0, an unknown part, no chunk and half a chunk', () => {
    const good = encodePiece({ ...NAME, first: 0, bytes: new Uint8Array(32) })
    assert.ok(decodePiece(good) !== undefined)
    assert.equal(
      decodePiece(encodePiece({ ...NAME, epoch: 0, first: 0, bytes: new Uint8Array(32) })),
      undefined
    )
    const other = good.slice()
    other[2] = 2
    for (const bad of [other, good.slice(0, 4), good.slice(0, 35), new Uint8Array(0)])
      assert.equal(decodePiece(bad), undefined)
  })

  it('is whole for the recipient after one round without loss, whatever room there is', () => {
    const rooms = fc.array(fc.integer({ min: MIN_PIECE_BYTES, max: 1_300 }), { minLength: 40, maxLength: 40 })
    fc.assert(
      fc.property(rooms, fc.constantFrom(OFFER_BYTES, ANSWER_BYTES), fc.integer(), (room, length, seed) => {
        const random = seeded(seed)
        const whole = random(length)
        let out = outgoing(whole)
        let gathered: Gathered = nothingGathered(length)
        for (let sent = 0, n = 0; sent < length / CHUNK_BYTES; n += 1) {
          const cut = must(cutPiece(out, NAME, must(room[n]), random))
          assert.ok(cut.piece.length <= must(room[n]))
          out = cut.outgoing
          const piece = must(decodePiece(cut.piece))
          sent += piece.bytes.length / CHUNK_BYTES
          gathered = must(gather(gathered, piece))
        }
        assert.ok(isWhole(gathered))
        assert.deepEqual(gathered.bytes, whole)
      })
    )
  })

  it('arrives although every second piece is lost, also where two pieces are a round', () => {
    const random = seeded(4)
    const whole = random(OFFER_BYTES)
    let out = outgoing(whole)
    let gathered = nothingGathered(OFFER_BYTES)
    let sent = 0
    for (; !isWhole(gathered) && sent < 200; sent += 1) {
      const cut = must(cutPiece(out, NAME, 4 + 19 * CHUNK_BYTES, random))
      out = cut.outgoing
      if (sent % 2 === 0) gathered = must(gather(gathered, must(decodePiece(cut.piece))))
    }
    assert.ok(isWhole(gathered), `not after ${String(sent)} pieces`)
    assert.deepEqual(gathered.bytes, whole)
  })

  it('begins another round somewhere else when just the last chunk has gone', () => {
    const total = ANSWER_BYTES / CHUNK_BYTES
    let out = outgoing(new Uint8Array(ANSWER_BYTES))
    for (const [chunks, place] of [
      [total - 1, { next: total - 1, left: 1 }],
      [1, { next: 9, left: total }]
    ] as const) {
      const room = MIN_PIECE_BYTES + (chunks - 1) * CHUNK_BYTES
      out = must(cutPiece(out, NAME, room, scripted(Uint8Array.of(9)))).outgoing
      assert.deepEqual({ next: out.next, left: out.left }, place)
    }
  })

  it('does not fit where there is no room for one chunk', () => {
    const out = outgoing(new Uint8Array(OFFER_BYTES))
    assert.equal(cutPiece(out, NAME, MIN_PIECE_BYTES - 1, seeded(1)), undefined)
    assert.equal(must(cutPiece(out, NAME, MIN_PIECE_BYTES, seeded(1))).piece.length, MIN_PIECE_BYTES)
  })

  it('is not taken outside of what is gathered, and changes nothing it was given', () => {
    const empty = nothingGathered(ANSWER_BYTES)
    const chunks = (count: number): Uint8Array => new Uint8Array(count * CHUNK_BYTES).fill(1)
    assert.equal(gather(empty, { ...NAME, first: 35, bytes: chunks(1) }), undefined)
    assert.equal(gather(empty, { ...NAME, first: 0, bytes: chunks(36) }), undefined)
    const all = must(gather(empty, { ...NAME, first: 34, bytes: chunks(35) }))
    assert.ok(isWhole(all))
    assert.deepEqual(empty, nothingGathered(ANSWER_BYTES))
    assert.equal(gather(all, { ...NAME, first: 3, bytes: chunks(2).fill(7) }), all, 'the first copy counts')
  })
})
