import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isMessengerError } from '../../src/errors.js'
import { formatKeyFile, parseKeyFile } from '../../src/storage/key-file.js'

describe('a key file', () => {
  it('gives back the key it was made for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        assert.deepEqual(parseKeyFile(formatKeyFile(key)), key)
      })
    )
  })

  it('says what it is', () => {
    assert.match(formatKeyFile(new Uint8Array(32)), /^# Key of a Hallig store.*\n0{64}\n$/)
  })

  it('may be written by hand: in capitals, on several lines, with Windows line ends and no last line end', () => {
    const expected = new Uint8Array(32).fill(0xab)
    assert.deepEqual(parseKeyFile(`# mine\r\n${'AB'.repeat(16)}\r\n  ${'ab'.repeat(16)}`), expected)
  })

  it('is refused with WRONG_KEY, without quoting it, if it holds anything else', () => {
    const secret = 'ab'.repeat(31)
    for (const text of ['', '# nothing', secret, `${secret}abab`, `${secret}xy`, `${secret}a`, '\0']) {
      assert.throws(
        () => parseKeyFile(text),
        (error) => isMessengerError(error, 'WRONG_KEY') && !error.message.includes('ab')
      )
    }
  })

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.throws(
          () => parseKeyFile(text),
          (error) => isMessengerError(error, 'WRONG_KEY')
        )
      })
    )
  })

  it('is not made for a key of another length', () => {
    assert.throws(() => formatKeyFile(new Uint8Array(31)), RangeError)
  })
})
