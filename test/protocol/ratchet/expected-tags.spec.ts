import assert from 'node:assert/strict'
import { MAX_TAG_WINDOW, NEXT_TAG_WINDOW, TAG_WINDOW } from '../../../src/protocol/limits.js'
import { expectedRuns } from '../../../src/protocol/ratchet/expected-tags.js'
import { decryptMessage } from '../../../src/protocol/ratchet/decrypt.js'
import { prepareMessage, sealMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { establish } from '../../support/protocol-parties.js'
import { expectKind, must, seeded } from '../../support/protocol-values.js'

const PREFIX = new Uint8Array(20)

/** Bob after the messages of these numbers of one chain of Alice's, and how far he then looks ahead. */
function windowAfter(...numbers: readonly number[]): number {
  const random = seeded(4)
  let { alice, bob } = establish(5)
  for (let sent = 0; sent <= Math.max(...numbers); sent += 1) {
    const prepared = prepareMessage(alice, random)
    alice = prepared.session
    if (!numbers.includes(sent)) continue
    const expected = { chain: bob.receiving === undefined ? 'next' : 'current', number: sent } as const
    const step = decryptMessage(bob, expected, PREFIX, sealMessage(prepared, PREFIX, PREFIX, random))
    bob = expectKind(step, 'decrypted').session
  }
  return must(bob.receiving).window
}

describe('protocol/ratchet/expected-tags', () => {
  it('expects the beginning of the next chain only, before anything has arrived', () => {
    const { bob } = establish(1)
    assert.deepEqual(expectedRuns(bob), [
      { tagKey: bob.nextReceivingHeaderKeys.tag, from: 0, to: NEXT_TAG_WINDOW }
    ])
  })

  it('expects a window of the current chain behind the last message, and the beginning of the next', () => {
    const random = seeded(2)
    const { alice, bob } = establish(3)
    const skipped = prepareMessage(alice, random)
    const prepared = prepareMessage(skipped.session, random)
    const message = sealMessage(prepared, PREFIX, PREFIX, random)
    const { session } = expectKind(
      decryptMessage(bob, { chain: 'next', number: 1 }, PREFIX, message),
      'decrypted'
    )
    const [current, next] = expectedRuns(session)
    assert.deepEqual(current, { tagKey: bob.nextReceivingHeaderKeys.tag, from: 2, to: 2 + NEXT_TAG_WINDOW })
    assert.deepEqual(next, { tagKey: session.nextReceivingHeaderKeys.tag, from: 0, to: NEXT_TAG_WINDOW })
    assert.notDeepEqual(session.nextReceivingHeaderKeys, bob.nextReceivingHeaderKeys)
  })
  it('looks further ahead when the upper half of its window is hit, and never beyond its largest', () => {
    assert.equal(windowAfter(0, 31), NEXT_TAG_WINDOW)
    assert.equal(windowAfter(0, 33), 2 * NEXT_TAG_WINDOW)
    assert.equal(windowAfter(0, 33, 98), 4 * NEXT_TAG_WINDOW)
    assert.equal(windowAfter(0, 33, 98, 227, 484, 997, 1_900), MAX_TAG_WINDOW)
  })

  it('looks further ahead as a chain grows long without a gap, up to its usual window', () => {
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number)
    assert.equal(windowAfter(...numbers(32)), NEXT_TAG_WINDOW)
    assert.equal(windowAfter(...numbers(33)), 2 * NEXT_TAG_WINDOW)
    assert.equal(windowAfter(...numbers(200)), TAG_WINDOW)
  })
})
