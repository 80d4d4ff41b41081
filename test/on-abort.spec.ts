import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { onAbort, unlessAborted } from '../src/on-abort.js'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

describe('onAbort', () => {
  it('does all that waits for one signal, each once, and in order', () => {
    const aborting = new AbortController()
    const done: number[] = []
    for (const number of [1, 2, 3]) onAbort(aborting.signal, () => done.push(number))
    aborting.abort()
    aborting.abort()
    assert.deepEqual(done, [1, 2, 3])
  })

  it('listens once to a signal, however much waits for it, and no more when nothing does', () => {
    const { signal } = new AbortController()
    const act = (): void => assert.fail()
    const releases = Array.from({ length: 20 }, () => onAbort(signal, act))
    assert.equal(listeners(signal), 1)
    const [first, ...others] = releases
    for (const release of others) release()
    assert.equal(listeners(signal), 1)
    first?.()
    first?.()
    assert.equal(listeners(signal), 0)
    onAbort(signal, act)
    assert.equal(listeners(signal), 1)
  })

  it('does at once what waits for a signal that has aborted, and nothing for none', () => {
    let count = 0
    const act = (): void => {
      count += 1
    }
    onAbort(AbortSignal.abort(), act)()
    assert.equal(count, 1)
    onAbort(undefined, act)()
    assert.equal(count, 1)
  })

  it('does not what was taken back by something that was done before it', () => {
    const aborting = new AbortController()
    const releases: (() => void)[] = []
    onAbort(aborting.signal, () => {
      for (const release of releases) release()
    })
    releases.push(onAbort(aborting.signal, () => assert.fail()))
    aborting.abort()
  })
})

describe('unlessAborted', () => {
  it('is what the promise is, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController()
    const toError = (): Error => new Error('aborted')
    assert.equal(await unlessAborted(Promise.resolve(1), signal, toError), 1)
    await assert.rejects(unlessAborted(Promise.reject(new Error('failed')), signal, toError), /failed/)
    assert.equal(await unlessAborted(Promise.resolve(2), undefined, toError), 2)
    assert.equal(listeners(signal), 0)
  })

  it('rejects as soon as the signal aborts, whatever becomes of the promise', async () => {
    const aborting = new AbortController()
    const { promise, reject } = Promise.withResolvers<never>()
    const waiting = unlessAborted(promise, aborting.signal)
    aborting.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    reject(new Error('later'))
    await assert.rejects(unlessAborted(promise, aborting.signal), /enough/)
  })
})
