import assert from 'node:assert/strict'
import { PassphraseGate } from '../../../src/cli/control/passphrase-gate.js'

describe('the gate of a store', () => {
  it('opens for its passphrase, and for no other', async () => {
    const gate = new PassphraseGate('correct horse')
    assert.deepEqual(
      await Promise.all(['correct horse', 'correct', ''].map(async (said) => gate.admits(said))),
      [true, false, false]
    )
  })

  it('is open where there is none', async () => {
    assert.equal(await new PassphraseGate(undefined).admits(''), true)
  })
})
