import assert from 'node:assert/strict'
import { beginLife, whileAlive, type Death } from '../../src/simulator/life.js'

/** Whether `promise` has settled once all microtasks have run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => void (settled = true)
  promise.then(settle, settle)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('simulator/life', () => {
  it('ends once, and says how', async () => {
    const deaths: Death[] = []
    const life = beginLife((death) => deaths.push(death))
    life.kill('power-cut')
    life.kill()
    assert.equal(await life.died, 'died')
    assert.deepEqual([life.alive, deaths], [false, ['power-cut']])
  })

  it('passes on results and failures while it lasts, and then neither', async () => {
    const life = beginLife()
    assert.equal(await whileAlive(life, Promise.resolve(1)), 1)
    await assert.rejects(whileAlive(life, Promise.reject(new Error('no'))), /no/)
    life.kill()
    assert.equal(await hasSettled(whileAlive(life, Promise.resolve(1))), false)
    assert.equal(await hasSettled(whileAlive(life, Promise.reject(new Error('no')))), false)
  })
})
