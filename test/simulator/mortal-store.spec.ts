import assert from 'node:assert/strict'
import { createDisk } from '../../src/simulator/disk.js'
import { beginLife, type CommitFate, type Death } from '../../src/simulator/life.js'
import { mortalStore } from '../../src/simulator/mortal-store.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

const write = { type: 'put', key: 'a', value: Uint8Array.of(1) } as const

/** What becomes of one commit of this fate: how it settles, what the disk holds then, and how the life ended. */
async function commitOnce(
  fate: CommitFate
): Promise<{ outcome: string; isStored: boolean; deaths: Death[] }> {
  const clock = createVirtualClock()
  const deaths: Death[] = []
  const life = beginLife((death) => deaths.push(death))
  life.fateOfCommit = () => fate
  const disk = createDisk()
  const store = mortalStore(disk, life, clock, () => 5)
  let outcome = 'pending'
  store.commit([write]).then(
    () => (outcome = 'resolved'),
    () => (outcome = 'rejected')
  )
  await clock.advance(4)
  assert.deepEqual([outcome, await disk.get('a')], ['pending', undefined])
  await clock.advance(1)
  return { outcome, isStored: (await disk.get('a')) !== undefined, deaths }
}

describe('simulator/mortal-store', () => {
  for (const [fate, outcome, isStored, deaths] of [
    ['pass', 'resolved', true, []],
    [new Error('full'), 'rejected', false, []],
    ['die-before', 'pending', false, ['kill']],
    ['die-after', 'pending', true, ['kill']],
    ['cut-before', 'pending', false, ['power-cut']],
    ['cut-after', 'pending', true, ['power-cut']]
  ] as const) {
    it(`lets a commit that is to ${String(fate)} be ${outcome} and ${isStored ? '' : 'not '}stored`, async () => {
      assert.deepEqual(await commitOnce(fate), { outcome, isStored, deaths })
    })
  }

  it('drops what is under way at the death, and answers nothing any more', async () => {
    const clock = createVirtualClock()
    const life = beginLife()
    const disk = createDisk()
    const store = mortalStore(disk, life, clock, () => 5)
    let settled = 0
    const settle = (): void => void (settled += 1)
    store.commit([write]).then(settle, settle)
    life.kill()
    store.get('a').then(settle, settle)
    await clock.advance(10)
    assert.deepEqual([settled, await disk.get('a')], [0, undefined])
  })

  it('refuses a fate that is none: the code of an error is not the error', async () => {
    const clock = createVirtualClock()
    const life = beginLife()
    life.fateOfCommit = () => 'STORE_FULL' as never
    const store = mortalStore(createDisk(), life, clock, () => 5)
    const refused = assert.rejects(store.commit([write]), { code: 'OPTIONS_INVALID' })
    await clock.advance(5)
    await refused
    assert.ok(life.alive)
  })
})
