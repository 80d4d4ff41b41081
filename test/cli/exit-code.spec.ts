import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'
import { classify, EXIT } from '../../src/cli/exit-code.js'
import { MessengerError } from '../../src/index.js'

describe('the exit code', () => {
  it('tells the store, contacts, cards and usage apart', () => {
    const codes = [
      new MessengerError('STORE_LOCKED', ''),
      new MessengerError('UNKNOWN_CONTACT', ''),
      new MessengerError('CARD_EXPIRED', ''),
      new CommandError('USAGE', '')
    ].map((error) => classify(error).exitCode)
    assert.deepEqual(codes, [EXIT.store, EXIT.notFound, EXIT.card, EXIT.usage])
  })

  it('is 1 for everything else', () => {
    assert.deepEqual(classify(new MessengerError('DIAL_FAILED', '')), { code: 'DIAL_FAILED', exitCode: 1 })
    assert.deepEqual(classify(new Error('?')), { code: 'FAILED', exitCode: 1 })
    assert.deepEqual(classify('?'), { code: 'FAILED', exitCode: 1 })
  })
})
