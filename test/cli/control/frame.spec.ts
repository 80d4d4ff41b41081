import assert from 'node:assert/strict'
import { serialize } from 'node:v8'
import fc from 'fast-check'
import { decodeFrame, encodeFrame, type Frame } from '../../../src/cli/control/frame.js'

describe('a frame', () => {
  it('keeps what it holds: bytes, maps, and what is undefined', () => {
    const frames: Frame[] = [
      ['request', 1, 'send', [Uint8Array.of(1, 2), undefined, { a: undefined, b: [null] }]],
      ['answer', 2, new Map([['a', 1]])],
      ['failure', 3, { message: 'no' }],
      ['progress', 4, { bytes: 5 }],
      ['abort', 5],
      ['event', 0, 'peer:update', { peers: 1 }]
    ]
    for (const frame of frames) assert.deepEqual(decodeFrame(encodeFrame(frame)), frame)
    assert.throws(() => encodeFrame(['answer', 1, () => undefined]))
  })

  it('is none of another shape', () => {
    const shapes = [
      5,
      [],
      ['answer'],
      ['answer', 1.5],
      ['request', 1, 'x'],
      ['request', 1, 2, []],
      ['event', 0, 1],
      ['other', 1]
    ]
    for (const shape of shapes) assert.equal(decodeFrame(serialize(shape)), undefined)
  })

  it('takes any and mutated bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeFrame(bytes)))
    const whole = encodeFrame([
      'request',
      1,
      'send',
      [Uint8Array.of(1, 2, 3), { text: 'text' }, new Map([[1, 2]])]
    ])
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => void decodeFrame(whole.with(at, byte)))
    )
  })
})
