import assert from 'node:assert/strict'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { compareKeys, readBlock } from '../../../src/storage/level-files/table-block.js'

const encoder = new TextEncoder()

/** A key with its tag: number and kind. */
function key(name: string, number = 1, kind = 1): Uint8Array {
  return Uint8Array.of(...encoder.encode(name), kind, number, 0, 0, 0, 0, 0, 0)
}

/** An entry that shares so many bytes with the key before it. */
function entry(shared: number, rest: Uint8Array, value = 'v'): Uint8Array {
  return Uint8Array.of(shared, rest.length, value.length, ...rest, ...encoder.encode(value))
}

function block(entries: readonly Uint8Array[], restarts: readonly number[] = [0]): Uint8Array {
  const numbers = Uint32Array.of(...restarts, restarts.length)
  return concat([...entries, new Uint8Array(numbers.buffer)])
}

describe('storage/level-files/table-block', () => {
  it('reads keys with what they share, and values', () => {
    const second = entry(0, key('b'), '')
    const first = [entry(0, key('aa')), entry(1, key('b'), 'more')]
    const begin = concat(first).length
    assert.deepEqual(
      readBlock(block([...first, second], [0, begin]))?.map(({ key, value }) => [
        new TextDecoder().decode(key.subarray(0, -8)),
        new TextDecoder().decode(value)
      ]),
      [
        ['aa', 'v'],
        ['ab', 'more'],
        ['b', '']
      ]
    )
  })

  it('sorts by name, and of one name the newest first, whatever its kind', () => {
    const sorted = [key('a', 9), key('a', 3, 1), key('a', 3, 0), key('a', 2), key('aa', 255), key('b')]
    assert.deepEqual(sorted.toReversed().toSorted(compareKeys), sorted)
  })

  it('is none when keys are out of order, doubled, or of no kind', () => {
    const good = entry(0, key('a', 2))
    assert.equal(readBlock(block([good]))?.length, 1)
    assert.equal(readBlock(block([good, entry(0, key('a', 1))]))?.length, 2)
    for (const next of [key('A'), key('a', 2), key('a', 3), key('b', 1, 2), new Uint8Array(7)]) {
      assert.equal(readBlock(block([good, entry(0, next)])), undefined)
    }
  })

  it('is none when it is cut off, shares what there is not, or begins elsewhere', () => {
    const [first, next] = [entry(0, key('a')), entry(0, key('b'))]
    assert.equal(readBlock(block([first, next], [0, first.length]))?.length, 2)
    for (const restarts of [
      [],
      [1],
      [first.length],
      [0, 0],
      [0, first.length, first.length],
      [0, first.length + 1]
    ]) {
      assert.equal(readBlock(block([first, next], restarts)), undefined)
    }
    assert.equal(readBlock(block([first, entry(10, key('b'))], [0])), undefined)
    assert.equal(readBlock(block([entry(1, key('b'))])), undefined)
    assert.equal(readBlock(block([first, entry(1, key('b'))], [0, first.length])), undefined)
    assert.equal(readBlock(block([first.subarray(0, -1)])), undefined)
    assert.equal(readBlock(new Uint8Array(3)), undefined)
    assert.deepEqual(readBlock(new Uint8Array(4)), [])
  })

  it('of any bytes is read or none, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(4), (bytes, restarts) => {
        const entries = readBlock(concat([bytes, Uint8Array.of(restarts, 0, 0, 0)])) ?? []
        assert.ok(entries.every(({ key }) => key.length >= 8))
      })
    )
  })
})
