import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { hmacSha512Numbers, sha256Pieces } from '../../../src/crypto/backends/many-hashes.js'

const MODULE = new URL('../../../src/crypto/backends/many-hashes.js', import.meta.url).href
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

function numberBytes(number: number): Uint8Array {
  const four = new Uint8Array(4)
  new DataView(four.buffer).setUint32(0, number)
  return four
}

/** The module once more, as if nothing had been hashed yet. */
async function anew(name: string): Promise<{
  readonly hmacSha512Numbers: typeof hmacSha512Numbers
  readonly sha256Pieces: typeof sha256Pieces
}> {
  return (await import(`${MODULE}?${name}`)) as Awaited<ReturnType<typeof anew>>
}

describe('crypto/many-hashes', () => {
  it('authenticates numbers as node:crypto does, under any key of at most a block', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 128 }),
        fc.integer({ min: 0, max: 2 ** 32 - 21 }),
        fc.nat({ max: 20 }),
        (key, from, count) => {
          const expected = Array.from({ length: count }, (_, at) =>
            createHmac('sha512', key)
              .update(numberBytes(from + at))
              .digest('hex')
          )
          assert.equal(
            Buffer.from(hmacSha512Numbers(key, from, count) ?? []).toString('hex'),
            expected.join('')
          )
        }
      )
    )
  })

  it('hashes pieces of whole words as node:crypto does, however many, wherever they lie in memory', () => {
    const words = fc.record({
      prefix: fc.nat({ max: 6 }),
      size: fc.integer({ min: 1, max: 7 }),
      kept: fc.integer({ min: 1, max: 8 }),
      count: fc.nat({ max: 11 }),
      offset: fc.nat({ max: 3 })
    })
    fc.assert(
      fc.property(words, bytes(24), bytes(11 * 28 + 3), (lengths, prefixes, all) => {
        const [prefix, size, kept] = [
          prefixes.subarray(0, 4 * lengths.prefix),
          4 * lengths.size,
          4 * lengths.kept
        ]
        const pieces = all.subarray(lengths.offset, lengths.offset + lengths.count * size)
        const expected = Array.from({ length: lengths.count }, (_, at) =>
          createHash('sha256')
            .update(prefix)
            .update(pieces.subarray(at * size, (at + 1) * size))
            .digest('hex')
            .slice(0, 2 * kept)
        )
        assert.equal(
          Buffer.from(sha256Pieces(prefix, pieces, size, kept) ?? []).toString('hex'),
          expected.join('')
        )
      })
    )
  })

  it('says what it cannot do', () => {
    const four = new Uint8Array(4)
    assert.equal(hmacSha512Numbers(new Uint8Array(129), 0, 1), undefined)
    for (const [prefix, size, kept] of [
      [28, 28, 4],
      [3, 4, 4],
      [4, 2, 4],
      [4, 4, 3]
    ] as const) {
      assert.equal(sha256Pieces(new Uint8Array(prefix), four, size, kept), undefined)
    }
    assert.equal(sha256Pieces(new Uint8Array(24), new Uint8Array(28), 28, 4)?.length, 4, 'the most that fits')
  })

  it('keeps nothing of what was secret', async () => {
    const { Instance } = WebAssembly
    const memories: WebAssembly.Memory[] = []
    class Watched extends Instance {
      constructor(...parameters: ConstructorParameters<typeof Instance>) {
        super(...parameters)
        memories.push(this.exports['memory'] as WebAssembly.Memory)
      }
    }
    WebAssembly.Instance = Watched
    try {
      const hashes = await anew('watched')
      const [one, other] = [1, 2].map((fill) => {
        hashes.hmacSha512Numbers(new Uint8Array(128).fill(fill), 7, 5)
        const prefix = new Uint8Array(12).fill(9)
        hashes.sha256Pieces(prefix, new Uint8Array(16 * 6).fill(fill), 16, 32)
        assert.equal(memories.length, 1)
        return memories.map(({ buffer }) => Buffer.from(buffer).toString('hex'))
      })
      assert.deepEqual(one, other)
    } finally {
      WebAssembly.Instance = Instance
    }
  })

  it('says that it cannot where a policy forbids WebAssembly', async () => {
    const { Module } = WebAssembly
    class Forbidden extends Module {
      constructor() {
        super(new Uint8Array(1))
      }
    }
    WebAssembly.Module = Forbidden
    try {
      const hashes = await anew('forbidden')
      assert.equal(hashes.hmacSha512Numbers(new Uint8Array(32), 0, 1), undefined)
      assert.equal(hashes.sha256Pieces(new Uint8Array(12), new Uint8Array(16), 16, 4), undefined)
    } finally {
      WebAssembly.Module = Module
    }
  })

  it('is done without where there is no WebAssembly: the backends give the same', async function () {
    this.timeout(60_000)
    const script = `
      import { createHash, createHmac } from 'node:crypto'
      import { primitives } from '${new URL('noble.js', MODULE).href}'
      const key = new Uint8Array(32).fill(7)
      const number = Uint8Array.of(0, 0, 0, 9)
      const hex = (bytes) => Buffer.from(bytes).toString('hex')
      console.log(typeof WebAssembly)
      console.log(hex(primitives.hmacNumbers('sha512', key, 9, 1)) === createHmac('sha512', key).update(number).digest('hex'))
      console.log(hex(primitives.hashPieces('sha256', number, key, 32, 32)) === createHash('sha256').update(number).update(key).digest('hex'))`
    const options = ['--jitless', '--no-warnings', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(execPath, options)
    assert.deepEqual(stdout.trim().split('\n'), ['undefined', 'true', 'true'])
  })
})
