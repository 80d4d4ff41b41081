import assert from 'node:assert/strict'
import fc from 'fast-check'
import { envelopesOf, findSecrets } from '../../../examples/demo/wire.js'
import { encodeParcel } from '../../../src/codec/parcel.js'

const salt = Uint8Array.from({ length: 8 }, (_, index) => index)

describe('the observer', () => {
  it('takes a parcel apart as the library put it together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 20 }),
        (envelopes) => {
          assert.deepEqual(envelopesOf(encodeParcel(envelopes, salt)), envelopes)
        }
      )
    )
  })

  it('takes what is no parcel without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.ok(envelopesOf(bytes).every(({ length }) => length <= bytes.length))
      })
    )
  })

  it('recognises eight bytes of a secret anywhere in what it saw, and says of which', () => {
    const secrets = [
      { name: 'a name', hex: Buffer.from('Alice of Langeness').toString('hex') },
      { name: 'a key', hex: 'ab'.repeat(32) }
    ]
    const seen = (text: string): Uint8Array[] => [Buffer.from('nothing here'), Buffer.from(text)]
    assert.deepEqual(findSecrets(seen('…of Langeness…'), secrets), ['a name'])
    assert.deepEqual(findSecrets(seen('of Lang, eness'), secrets), [])
    assert.deepEqual(findSecrets([Buffer.from('ab'.repeat(8), 'hex')], secrets), ['a key'])
    assert.deepEqual(findSecrets([], secrets), [])
  })
})
