import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  decodeHello,
  decodeWelcome,
  encodeHello,
  encodeWelcome,
  releaseOf,
  type Welcome
} from '../../../src/cli/control/hello.js'
import { MessengerError } from '../../../src/index.js'

describe('a hello', () => {
  it('says who speaks, and what it knows', () => {
    for (const hello of [
      { release: '1' },
      { release: '1', passphrase: 'päss' },
      { release: '1', wipe: true }
    ])
      assert.deepEqual(decodeHello(encodeHello(hello)), hello)
    assert.match(releaseOf('1.2.3'), /^1\.2\.3 on Node \d+\./)
  })

  it('is answered in one of four ways', () => {
    const answers: Welcome[] = [
      { kind: 'welcome', id: 'alice', name: 'Alice' },
      { kind: 'other-release', release: '2' },
      { kind: 'wiped' },
      { kind: 'refused', error: new MessengerError('WRONG_KEY', 'no') }
    ]
    for (const answer of answers) assert.deepEqual(decodeWelcome(encodeWelcome(answer)), answer)
  })

  it('is none of another shape, and takes any bytes without throwing', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      '{"release":1}',
      '{"kind":"welcome"}',
      '{"kind":"refused","error":1}'
    ]) {
      assert.equal(decodeHello(Buffer.from(text)), undefined)
      assert.equal(decodeWelcome(Buffer.from(text)), undefined)
    }
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.equal(decodeHello(bytes), undefined)
        assert.equal(decodeWelcome(bytes), undefined)
      })
    )
  })
})
