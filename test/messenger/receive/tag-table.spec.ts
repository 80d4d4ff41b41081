import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TagTable } from '../../../src/messenger/receive/tag-table.js'

const anything = (): boolean => true

/** Few fingerprints, and many that share a slot: what a hash gives rarely. */
const fingerprints = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: 20 }).map((n) => n * 2 ** 22),
  fc.constant(2 ** 32 - 1),
  fc.nat({ max: 2 ** 32 - 1 })
)
const commands = fc.array(
  fc.record({
    what: fc.constantFrom('add', 'add', 'add', 'remove', 'retain', 'reserve'),
    fingerprint: fingerprints,
    entry: fc.integer({ min: 1, max: 8 })
  }),
  { maxLength: 300 }
)

describe('messenger/tag-table', () => {
  it('holds what was added and not removed, however its slots collide', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        const table = new TagTable()
        let model: (readonly [fingerprint: number, entry: number])[] = []
        for (const { what, fingerprint, entry } of steps) {
          if (what === 'add') {
            table.add(fingerprint, entry)
            model.push([fingerprint, entry])
          } else if (what === 'remove') {
            table.remove(fingerprint, entry)
            const at = model.findIndex(([key, value]) => key === fingerprint && value === entry)
            if (at >= 0) model.splice(at, 1)
          } else if (what === 'reserve') {
            table.reserve(entry * 1_000)
            table.readAhead(new DataView(Uint8Array.of(entry, 0, 0, fingerprint % 256).buffer))
          } else {
            for (let part = 0; part < TagTable.parts; part++) table.retain(part, (other) => other !== entry)
            model = model.filter(([, other]) => other !== entry)
          }
          assert.equal(table.size, model.length)
        }
        for (const [key, value] of model)
          assert.equal(
            table.find(key, (entry) => entry === value),
            value
          )
        for (const { fingerprint } of steps) {
          const known = model.some(([key]) => key === fingerprint)
          assert.equal(table.find(fingerprint, anything) !== 0, known)
        }
      })
    )
  })

  it('grows with what it holds and finds all of it', () => {
    const table = new TagTable()
    const count = 20_000
    const fingerprintAt = (n: number): number => Math.imul(n + 1, 0x9e3779b1) >>> 0
    for (let n = 0; n < count; n++) table.add(fingerprintAt(n), n + 1)
    for (let n = 0; n < count; n++)
      assert.equal(
        table.find(fingerprintAt(n), (entry) => entry === n + 1),
        n + 1
      )
    assert.equal(
      table.find(fingerprintAt(count), (entry) => entry === count + 1),
      0
    )
  })

  it('keeps entries of one fingerprint apart and removes one of equal ones', () => {
    const table = new TagTable()
    for (const entry of [1, 2, 2]) table.add(7, entry)
    table.remove(7, 2)
    assert.equal(table.size, 2)
    assert.equal(
      table.find(7, (entry) => entry === 2),
      2
    )
    table.remove(7, 2)
    table.remove(7, 2)
    assert.equal(
      table.find(7, (entry) => entry === 2),
      0
    )
    assert.equal(table.find(7, anything), 1)
  })
})
