import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { isMessengerError } from '../../src/errors.js'
import {
  checkUnlock,
  decodeHeader,
  encodeHeader,
  tooNew,
  unwrapMasterKey,
  type Unlock
} from '../../src/storage/store-header.js'
import { seededRandom } from '../support/store-random.js'

const random = seededRandom('header')
const cost = { N: 16, r: 8, p: 1 }
const storeId = random(16)
const masterKey = random(32)
const byKey: Unlock = { kind: 'key', key: random(32) }
const byPassphrase: Unlock = { kind: 'passphrase', passphrase: 'Land unter' }
const encode = (unlock: Unlock): Uint8Array =>
  encodeHeader({ schema: 7, storeId }, masterKey, unlock, cost, random)

describe('the header of a store', () => {
  for (const unlock of [byKey, byPassphrase]) {
    it(`gives the master key to the right ${unlock.kind}`, () => {
      const header = decodeHeader(encode(unlock))
      assert.equal(header.schema, 7)
      assert.deepEqual(header.storeId, storeId)
      assert.deepEqual(unwrapMasterKey(header, unlock), masterKey)
    })

    it(`gives it to no other (${unlock.kind})`, () => {
      const header = decodeHeader(encode(unlock))
      const others: Unlock[] = [
        { kind: 'key', key: random(32) },
        { kind: 'passphrase', passphrase: 'Land Unter' }
      ]
      for (const other of others) {
        assert.throws(
          () => unwrapMasterKey(header, other),
          (error) => isMessengerError(error, 'WRONG_KEY')
        )
      }
    })

    it(`cannot be given another layout or store id by somebody without the ${unlock.kind}`, () => {
      for (const [offset, length] of [
        [5, 4],
        [9, 16]
      ] as const) {
        const forged = encode(unlock)
        forged.fill(1, offset, offset + length)
        const header = decodeHeader(withChecksum(forged))
        assert.throws(
          () => unwrapMasterKey(header, unlock),
          (error) => isMessengerError(error, 'WRONG_KEY')
        )
      }
    })
  }

  for (const unlock of [byKey, byPassphrase]) {
    it(`needs the part that is kept elsewhere too, where there is one (${unlock.kind})`, () => {
      const whole = { ...unlock, part: random(32) }
      const header = decodeHeader(encode(whole))
      assert.deepEqual(unwrapMasterKey(header, whole), masterKey)
      for (const other of [unlock, { ...unlock, part: random(32) }]) {
        assert.throws(
          () => unwrapMasterKey(header, other),
          (error) => isMessengerError(error, 'WRONG_KEY')
        )
      }
      assert.throws(
        () => unwrapMasterKey(decodeHeader(encode(unlock)), whole),
        (error) => isMessengerError(error, 'WRONG_KEY')
      )
      assert.throws(
        () => checkUnlock({ ...unlock, part: random(31) }),
        (error) => isMessengerError(error, 'OPTIONS_INVALID')
      )
    })
  }

  it('of a newer format is STORE_TOO_NEW', () => {
    const newer = encode(byKey)
    newer[4] = 2
    assert.throws(
      () => decodeHeader(withChecksum(newer)),
      (error) => isMessengerError(error, 'STORE_TOO_NEW')
    )
    assert.equal(tooNew().code, 'STORE_TOO_NEW')
  })

  it('cannot ask for more memory than a gibibyte', () => {
    for (const [logN, r, p] of [
      [21, 8, 1],
      [20, 9, 1],
      // A gibibyte for the table, and a little for the block beside it.
      [20, 8, 1],
      [255, 255, 255],
      [0, 8, 1],
      [10, 0, 1],
      [10, 8, 0]
    ] as const) {
      const greedy = encode(byPassphrase)
      greedy.set([logN, r, p], 26)
      assert.throws(
        () => decodeHeader(withChecksum(greedy)),
        (error) => isMessengerError(error, 'STORE_DAMAGED')
      )
    }
  })

  it('of random bytes, or cut short, is STORE_DAMAGED', () => {
    const whole = encode(byPassphrase)
    const part = fc.nat(whole.length - 1).map((length) => whole.slice(0, length))
    const resealed = part.filter(({ length }) => length >= 13).map(withChecksum)
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), part, resealed), (bytes) => {
        assert.throws(
          () => decodeHeader(bytes),
          (error) => isMessengerError(error, 'STORE_DAMAGED')
        )
      })
    )
  })

  it('is not made for an empty passphrase or a key of another length', () => {
    checkUnlock(byKey)
    checkUnlock(byPassphrase)
    for (const unlock of [
      { kind: 'passphrase', passphrase: '' },
      { kind: 'key', key: new Uint8Array(31) }
    ] as const) {
      assert.throws(
        () => checkUnlock(unlock),
        (error) => isMessengerError(error, 'OPTIONS_INVALID')
      )
    }
  })
})

/** The header with the checksum that belongs to what it says now. */
function withChecksum(header: Uint8Array): Uint8Array {
  const content = header.subarray(0, -8)
  return Uint8Array.from([...content, ...createHash('sha256').update(content).digest().subarray(0, 8)])
}
