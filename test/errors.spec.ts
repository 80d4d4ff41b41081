import assert from 'node:assert/strict'
import { isMessengerError, MessengerError } from '../src/errors.js'

describe('isMessengerError', () => {
  const error = new MessengerError('CLOSED', 'The messenger is closed')

  it('knows an error of ours, and its code', () => {
    assert.ok(isMessengerError(error))
    assert.ok(isMessengerError(error, 'CLOSED'))
    assert.ok(!isMessengerError(error, 'ABORTED'))
  })

  it('tells the compiler which code it is', () => {
    const thrown: unknown = error
    assert.ok(isMessengerError(thrown, 'CLOSED'))
    const code: 'CLOSED' = thrown.code
    assert.equal(code, 'CLOSED')
    // One of another code is still one of ours.
    if (!isMessengerError(error, 'ABORTED')) assert.ok(error instanceof MessengerError)
  })

  it('knows one from another copy of the package', () => {
    const foreign = Object.assign(new Error('The messenger is closed'), {
      name: 'MessengerError',
      code: 'CLOSED'
    })
    assert.ok(isMessengerError(foreign, 'CLOSED'))
  })

  it('takes nothing else for one', () => {
    const others = [
      undefined,
      null,
      'CLOSED',
      { name: 'MessengerError', code: 'CLOSED' },
      new Error('CLOSED')
    ]
    for (const other of others) assert.ok(!isMessengerError(other))
  })

  it('keeps what caused it', () => {
    const cause = new Error('disk')
    assert.equal(new MessengerError('STORE_FAILED', 'Could not write', { cause }).cause, cause)
  })
})
