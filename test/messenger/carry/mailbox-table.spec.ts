import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MailboxTable, type TableEntry } from '../../../src/messenger/carry/mailbox-table.js'
import type { Item } from '../../../src/protocol/sync/item.js'
import { numberedItem } from '../../support/sync-items.js'

const NOW = 20_000 * 86_400_000
const source = (name: number): Uint8Array => new Uint8Array(8).fill(name)
const tag = (name: number): Uint8Array => new Uint8Array(16).fill(name)

function entry(changes: Partial<TableEntry> = {}): TableEntry {
  return { tag: tag(1), bytes: 512, source: source(1), standing: 'stranger', isStored: true, ...changes }
}

const item = (n: number, day = 20_005): Item => numberedItem(day, n)

describe('messenger/mailbox-table', () => {
  it('keeps what it was given until it is taken out, and counts the bytes of what is stored', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(80))), (steps) => {
        const table = new MailboxTable()
        const model = new Map<number, TableEntry>()
        for (const [what, n] of steps) {
          const made = entry({ tag: tag(n % 7), bytes: 512 << (n % 3), isStored: n % 5 > 0 })
          if (what === 0) {
            assert.equal(table.add(item(n), made), !model.has(n))
            if (!model.has(n)) model.set(n, made)
          } else if (what === 1) {
            assert.deepEqual(table.remove(item(n)), model.get(n))
            model.delete(n)
          } else {
            table.setStored(item(n), false)
            const known = model.get(n)
            if (known !== undefined) model.set(n, { ...known, isStored: false })
          }
        }
        assert.equal(table.size, model.size)
        const stored = [...model.values()].filter(({ isStored }) => isStored)
        assert.equal(
          table.bytes,
          stored.reduce((sum, { bytes }) => sum + bytes, 0)
        )
        assert.deepEqual(table.usage(3), { own: 3, foreign: stored.length, bytes: table.bytes })
        for (const [n, known] of model) assert.deepEqual(table.get(item(n)), known)
        for (let name = 0; name < 7; name++) {
          const expected = [...model].filter(([n]) => n % 7 === name).map(([n]) => item(n))
          const found = table.withTag(tag(name))
          assert.deepEqual(new Set(found.map(({ id }) => id[0])), new Set(expected.map(({ id }) => id[0])))
          assert.equal(found.length, expected.length)
          assert.equal(table.hasTag(tag(name)), expected.length > 0)
          assert.equal(table.countOf(tag(name)), expected.length)
        }
        const names = [...table.tags()].map(([name]) => name).toSorted()
        assert.deepEqual(names, [...new Set([...model.keys()].map((n) => n % 7))].toSorted())
      })
    )
  })

  it('finds an envelope by the beginning of its id in whatever day', () => {
    const table = new MailboxTable()
    for (let n = 0; n < 30; n++) table.add(item(n, 20_000 + (n % 4)), entry())
    for (let n = 0; n < 30; n++) assert.ok(table.hasShortId(item(n).id.subarray(0, 16)))
    assert.equal(table.hasShortId(item(31).id.subarray(0, 16)), false)
  })

  it('lets go of strangers before contacts and own, most often given away first', () => {
    const table = new MailboxTable()
    table.add(item(1), entry({ standing: 'own' }))
    table.add(item(2), entry({ standing: 'contact', source: source(2) }))
    table.add(item(3), entry({ source: source(3) }))
    table.add(item(4), entry({ source: source(4) }))
    table.forwarded(item(4))
    const victims = table.chooseVictims(4 * 512, 0, 10_000, NOW)
    assert.deepEqual(victims, [item(4), item(3), item(2), item(1)])
  })

  it('lets go first of the source that takes more than its share, and of none that is not stored', () => {
    const table = new MailboxTable()
    for (let n = 0; n < 10; n++) table.add(item(n), entry({ source: source(7) }))
    table.add(item(20), entry({ source: source(8) }))
    table.forwarded(item(20))
    table.add(item(21), entry({ source: source(7), isStored: false }))
    const victims = table.chooseVictims(3 * 512, 0, 10_000, NOW)
    assert.equal(victims.length, 3)
    assert.ok(victims.every((victim) => table.get(victim)?.source[0] === 7))
  })

  it('tells sources apart, however many there were before, and finds own envelopes however many there are', () => {
    const table = new MailboxTable()
    const numbered = (n: number): Uint8Array => Uint8Array.of(1, n >> 8, n & 0xff, 0, 0, 0, 0, 0)
    for (let n = 0; n < 20_000; n++) {
      table.add(item(n), entry({ source: numbered(n) }))
      table.remove(item(n))
    }
    for (let n = 0; n < 10; n++) table.add(item(n), entry({ source: source(7) }))
    table.add(item(20), entry({ source: source(8) }))
    table.forwarded(item(20))
    const victims = table.chooseVictims(3 * 512, 0, 10_000, NOW)
    assert.ok(victims.every((victim) => table.get(victim)?.source[0] === 7))
    for (let n = 100; n < 20_000; n++) table.add(item(n), entry({ source: numbered(n) }))
    table.add(item(21), entry({ source: source(9), standing: 'own' }))
    assert.deepEqual(table.ownOf(source(9)), [item(21)])
  })

  it('lets go of what has expired before all else', () => {
    const table = new MailboxTable()
    table.add(item(1, 19_990), entry({ standing: 'own' }))
    table.add(item(2), entry())
    assert.deepEqual(table.chooseVictims(1, 0, 10_000, NOW), [item(1, 19_990)])
  })

  it('names what has expired, and nothing else', () => {
    const table = new MailboxTable()
    for (let n = 0; n < 1_000; n++) table.add(item(n, 20_000 + (n % 4)), entry())
    const over = table.over((day) => day < 20_002)
    assert.equal(over.length, 500)
    for (const expired of over) assert.ok(expired.day < 20_002 && table.remove(expired) !== undefined)
    assert.deepEqual([table.over((day) => day < 20_002), table.size], [[], 500])
    assert.equal(table.over(() => true).length, 500)
  })

  it('makes more room than is needed only as far as the slack reaches: of a few, none goes for it', () => {
    const table = new MailboxTable()
    for (let n = 0; n < 20; n++) table.add(item(n), entry())
    const counts = [0, 511, 512, 1_600].map((slack) => table.chooseVictims(512, slack, 10_240, NOW).length)
    assert.deepEqual(counts, [1, 1, 2, 4])
    assert.equal(table.chooseVictims(1_000, 24, 10_240, NOW).length, 2)
  })

  it('forgets, of others and not stored, strangers before contacts and what expires first, an eighth more than it must', () => {
    const table = new MailboxTable()
    const known = { isStored: false } as const
    for (let n = 0; n < 8; n++) table.add(item(n, 20_001), entry({ ...known, standing: 'contact' }))
    for (let n = 8; n < 16; n++) table.add(item(n, 20_009 + (n % 2)), entry(known))
    for (let n = 16; n < 20; n++) table.add(item(n, 20_001), entry())
    for (let n = 20; n < 24; n++) table.add(item(n, 20_001), entry({ ...known, standing: 'own' }))
    assert.deepEqual(table.chooseForgotten(16), [])
    const daysOf = (items: readonly Item[]): number[] => items.map(({ day }) => day)
    assert.deepEqual(daysOf(table.chooseForgotten(15)), [20_009, 20_009])
    const first = table.chooseForgotten(14)
    assert.deepEqual(daysOf(first), [20_009, 20_009, 20_009])
    for (const forgotten of first) table.remove(forgotten)
    assert.equal(table.size, 21)
    assert.deepEqual(table.chooseForgotten(13), [])
    const rest = table.chooseForgotten(0)
    assert.equal(rest.length, 13)
    assert.deepEqual(
      rest.slice(0, 5).map((one) => table.get(one)?.standing),
      new Array(5).fill('stranger')
    )
    for (const forgotten of rest) table.remove(forgotten)
    assert.deepEqual(table.usage(), { own: 0, foreign: 4, bytes: 4 * 512 })
  })

  it('says how large what it holds is, and whether it is stored here', () => {
    const table = new MailboxTable()
    table.add(item(1), entry({ bytes: 1_024 }))
    table.add(item(2), entry({ isStored: false }))
    assert.deepEqual(
      [1, 2, 3].map((n) => table.sizeOf(item(n))),
      [{ bytes: 1_024, isStored: true }, { bytes: 512, isStored: false }, undefined]
    )
  })
})
