import assert from 'node:assert/strict'
import { encodeIdentityId, type IdentityId } from '../../../src/codec/ids.js'
import { Draft, Unit } from '../../../src/messenger/unit.js'
import { Sealing } from '../../../src/messenger/send/sealing.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('messenger/sealing', () => {
  const bob = encodeIdentityId(new Uint8Array(20).fill(1))
  const carol = encodeIdentityId(new Uint8Array(20).fill(2))
  let unsealed: Set<IdentityId>
  let steps: IdentityId[]
  let failures: unknown[]
  /** Ends the step under way: with whether more is left. */
  let end: (more: boolean) => void
  let fail: (error: Error) => void
  let sealing: Sealing

  beforeEach(() => {
    unsealed = new Set([bob, carol])
    steps = []
    failures = []
    const store = createMemoryStore()
    sealing = new Sealing(
      {
        outbox: { hasUnsealed: (id) => unsealed.has(id) },
        queue: {
          run: async (id, step) => {
            steps.push(id)
            return await step(new Unit(store, new Draft(undefined)))
          }
        },
        onFailure: (what, error) => failures.push([what, error])
      },
      () =>
        new Promise((resolve, reject) => {
          end = resolve
          fail = reject
        })
    )
  })

  it('takes no step for a contact to whom nothing waits', () => {
    unsealed.delete(bob)
    sealing.soon(bob)
    assert.deepEqual(steps, [])
  })

  it('goes on for as long as a step leaves some', async () => {
    sealing.soon(bob)
    end(true)
    await turn()
    end(false)
    await turn()
    assert.deepEqual(steps, [bob, bob])
  })

  it('takes one step of a contact at a time, and another for who asked meanwhile, once', async () => {
    sealing.soon(bob)
    sealing.soon(bob)
    sealing.soon(bob)
    assert.deepEqual(steps, [bob])
    end(false)
    await turn()
    assert.deepEqual(steps, [bob, bob])
    end(false)
    await turn()
    assert.deepEqual(steps, [bob, bob])
  })

  it('lets no contact wait for another', () => {
    sealing.soon(bob)
    sealing.soon(carol)
    assert.deepEqual(steps, [bob, carol])
  })

  it('reports a failed step and takes another when asked again, not by itself', async () => {
    sealing.soon(bob)
    sealing.soon(bob)
    const error = new Error('full')
    fail(error)
    await turn()
    assert.deepEqual([steps, failures], [[bob], [['seal', error]]])
    sealing.soon(bob)
    assert.deepEqual(steps, [bob, bob])
  })
})
