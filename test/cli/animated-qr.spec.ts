import assert from 'node:assert/strict'
import { UR, UREncoder } from '@ngraveio/bc-ur'
import fc from 'fast-check'
import { animate, FrameCollector } from '../../src/cli/animated-qr.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { seeded } from '../support/protocol-values.js'

const bytes = seeded(81)(8192).slice()

describe('cli/animated-qr', () => {
  it('gives the whole from any frames that are enough, in any order, with four in ten lost', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = createSeededRandom(seed)
      const animation = animate(bytes, 200)
      const frames = Array.from({ length: animation.fragments * 4 }, () => animation.next())
      const seen = frames.filter(() => random.between(0, 1) >= 0.4)
      seen.sort(() => random.between(-1, 1))
      const collector = new FrameCollector()
      for (const frame of seen) assert.ok(collector.add(frame))
      assert.deepEqual(collector.result, new Uint8Array(bytes), `seed ${String(seed)}`)
    }
  })

  it('needs no more than one round of frames if none is lost, and one frame for what is short', () => {
    const animation = animate(bytes, 200)
    const collector = new FrameCollector()
    for (let n = 0; n < animation.fragments; n++) {
      assert.equal(collector.result, undefined)
      assert.ok(collector.share <= 1)
      collector.add(animation.next())
    }
    assert.deepEqual(collector.result, new Uint8Array(bytes))
    const short = animate(bytes.subarray(0, 50), 200)
    const single = new FrameCollector()
    single.add(short.next())
    assert.deepEqual(single.result, new Uint8Array(bytes.subarray(0, 50)))
  })

  it('writes frames a QR code packs densest, and reads them in small letters too', () => {
    const animation = animate(bytes.subarray(0, 500), 100)
    const frame = animation.next()
    assert.match(frame, /^UR:HALLIG\/1-6\/[A-Z]+$/)
    const collector = new FrameCollector()
    assert.ok(collector.add(` ${frame.toLowerCase()}\n`))
  })

  it('is not put off by frames of another animation, of another kind, or damaged', () => {
    const [one, other] = [animate(bytes, 200), animate(bytes.subarray(100), 200)]
    const collector = new FrameCollector()
    const strange = new UREncoder(UR.fromBuffer(Buffer.from('crypto')), 100)
    assert.ok(!collector.add(strange.nextPart()))
    assert.ok(!collector.add('hallig:abc'))
    assert.ok(!collector.add('ur:hallig/1-9999999/aeaeaeaeae'))
    assert.ok(!collector.add(`ur:hallig/1-2/${'ae'.repeat(3000)}`))
    for (let n = 0; n < 41 && collector.result === undefined; n++) {
      const frame = one.next()
      assert.ok(!collector.add(`${frame.slice(0, -3)}AAA`))
      assert.ok(collector.add(other.next()))
      assert.ok(collector.add(frame))
    }
    assert.ok(collector.result !== undefined)
  })

  it('takes any text without an exception', () => {
    const collector = new FrameCollector()
    const letters = fc.string({ unit: fc.constantFrom('a', 'e', 'o', 'x', 'y', 'z', 't'), maxLength: 60 })
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.tuple(fc.nat(9), fc.nat(2000), letters)), (input) => {
        const [n, of, body] = typeof input === 'string' ? [0, 0, input] : input
        collector.add(typeof input === 'string' ? input : `ur:hallig/${String(n)}-${String(of)}/${body}`)
      })
    )
    assert.equal(collector.result, undefined)
  })
})
