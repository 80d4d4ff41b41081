import assert from 'node:assert/strict'
import { NEXT_TAG_WINDOW, TAG_WINDOW } from '../../../src/protocol/limits.js'
import { expectedRuns } from '../../../src/protocol/ratchet/expected-tags.js'
import { decryptMessage } from '../../../src/protocol/ratchet/decrypt.js'
import { prepareMessage, sealMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { establish } from '../../support/protocol-parties.js'
import { expectKind, seeded } from '../../support/protocol-values.js'

const PREFIX = new Uint8Array(20)

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
    assert.deepEqual(current, { tagKey: bob.nextReceivingHeaderKeys.tag, from: 2, to: 2 + TAG_WINDOW })
    assert.deepEqual(next, { tagKey: session.nextReceivingHeaderKeys.tag, from: 0, to: NEXT_TAG_WINDOW })
    assert.notDeepEqual(session.nextReceivingHeaderKeys, bob.nextReceivingHeaderKeys)
  })
})
