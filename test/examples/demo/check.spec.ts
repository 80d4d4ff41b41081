import assert from 'node:assert/strict'
import { countRepeats, fateOf, findFaults as faultsOf, type Entry } from '../../../examples/demo/check.js'

/** A conversation of four as Alice keeps it: she wrote 1, 3 and 4. */
const alice: readonly Entry[] = [
  entry('a1', 1, true, 'read'),
  entry('b1', 1, false, 'read'),
  entry('a2', 2, true, 'read'),
  entry('a3', 3, true, 'delivered')
]
const bob: readonly Entry[] = alice.map((mine) => ({ ...mine, own: !mine.own }))
const wanted = { alice: 3, bob: 1 }

function findFaults(
  hers: readonly Entry[],
  his: readonly Entry[],
  { alice, bob }: { readonly alice: number; readonly bob: number }
): string[] {
  return faultsOf({ name: 'Alice', entries: hers, wanted: alice }, { name: 'Bob', entries: his, wanted: bob })
}

function entry(id: string, number: number, own: boolean, status: Entry['status']): Entry {
  return { id, position: `${id}-position`, own, status, text: `text of ${id}`, number }
}

function without(entries: readonly Entry[], id: string): Entry[] {
  return entries.filter((candidate) => candidate.id !== id)
}

describe('the check of two histories', () => {
  it('finds nothing wrong with two that agree', () => {
    assert.deepEqual(findFaults(alice, bob, wanted), [])
    assert.deepEqual(fateOf(alice, bob), {
      written: 3,
      delivered: 3,
      read: 2,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0
    })
  })

  it('finds a lost message, whatever its author believes', () => {
    assert.deepEqual(findFaults(alice, without(bob, 'a2'), wanted), [
      '1 messages of Alice are lost',
      'Alice has 4 messages and Bob has 3'
    ])
  })

  it('finds a message that its author does not know to be delivered', () => {
    const unsure = alice.map((mine): Entry => (mine.id === 'a3' ? { ...mine, status: 'sent' } : mine))
    assert.deepEqual(findFaults(unsure, bob, wanted), ['1 messages of Alice are not known to be delivered'])
  })

  it('finds a message that is there twice', () => {
    const doubled = [...bob, entry('a3 again', 3, false, 'read')]
    assert.equal(fateOf(alice, doubled).duplicates, 1)
    assert.match(findFaults(alice, doubled, wanted).join(), /1 messages of Alice are there twice/)
  })

  it('finds messages out of order, on one side and on both', () => {
    const swap = ([one, two, three, four]: readonly Entry[]): Entry[] =>
      [one, two, four, three].filter((candidate) => candidate !== undefined)
    assert.deepEqual(findFaults(alice, swap(bob), wanted), [
      '1 messages of Alice are out of order',
      'The histories of Alice and Bob differ from message 3 on'
    ])
    assert.deepEqual(findFaults(swap(alice), swap(bob), wanted), ['1 messages of Alice are out of order'])
  })

  it('finds a message that became another one on the way', () => {
    const changed = bob.map((theirs) => (theirs.id === 'a2' ? { ...theirs, text: 'forged' } : theirs))
    assert.deepEqual(findFaults(alice, changed, wanted), [
      '1 messages of Alice are not known to be delivered',
      'The histories of Alice and Bob differ from message 3 on'
    ])
  })

  it('finds a message at another place than on the other side', () => {
    const moved = bob.map((theirs) => (theirs.id === 'b1' ? { ...theirs, position: 'elsewhere' } : theirs))
    assert.deepEqual(findFaults(alice, moved, wanted), [
      'The histories of Alice and Bob differ from message 2 on'
    ])
  })

  it('finds that too few were written', () => {
    assert.deepEqual(findFaults(alice, bob, { alice: 3, bob: 2 }), ['Bob wrote 1 messages instead of 2'])
  })

  it('counts what was announced more than once', () => {
    assert.equal(countRepeats([1, 2, 3]), 0)
    assert.equal(countRepeats([1, 2, 2, 3, 2]), 2)
  })
})
