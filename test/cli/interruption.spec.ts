import assert from 'node:assert/strict'
import { aborted, interrupt, pause, untilInterrupted } from '../../src/cli/interruption.js'

describe('interruption', () => {
  it('aborts what waits, and leaves the signals alone afterwards', async () => {
    const before = process.listenerCount('SIGTERM')
    const result = await untilInterrupted(async (signal) => {
      setImmediate(interrupt)
      await aborted(signal)
      return 'ended'
    })
    assert.equal(result, 'ended')
    assert.equal(process.listenerCount('SIGTERM'), before)
  })

  it('leaves the signals alone after a failure, too', async () => {
    const before = process.listenerCount('SIGINT')
    await assert.rejects(untilInterrupted(async () => Promise.reject(new Error('no'))))
    assert.equal(process.listenerCount('SIGINT'), before)
  })

  it('pauses for a time, or until the signal', async () => {
    await pause(1, new AbortController().signal)
    await pause(1_000_000, AbortSignal.abort())
    const controller = new AbortController()
    setImmediate(() => controller.abort())
    await pause(1_000_000, controller.signal)
    assert.ok(controller.signal.aborted)
  })
})
