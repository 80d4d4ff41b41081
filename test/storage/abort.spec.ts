import assert from 'node:assert/strict'
import { isMessengerError } from '../../src/errors.js'
import { aborted, checkAborted } from '../../src/storage/abort.js'

describe('an aborted read', () => {
  it('says ABORTED with the reason as its cause', () => {
    const controller = new AbortController()
    checkAborted(undefined)
    checkAborted(controller.signal)
    controller.abort('had enough')
    assert.throws(
      () => checkAborted(controller.signal),
      (error) => isMessengerError(error, 'ABORTED') && error.cause === 'had enough'
    )
    assert.equal(aborted(undefined).code, 'ABORTED')
  })
})
