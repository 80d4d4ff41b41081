import type { Clock } from '../clock.js'
import { MessengerError } from '../errors.js'
import type { Store, Write } from '../storage/store.js'
import { FATES, never, whileAlive, type Life } from './life.js'

/**
 * A store of one life over one that lasts. A commit takes `delay()` ms of the world's clock, as a disk does, and all of it
 * becomes visible at its end; the life says what becomes of it.
 */
export function mortalStore(lasting: Store, life: Life, clock: Clock, delay: () => number): Store {
  let turn: Promise<void> = Promise.resolve()

  async function commit(writes: readonly Write[]): Promise<void> {
    await new Promise<void>((resolve) => clock.schedule(delay(), resolve))
    if (!life.alive) return never()
    life.commits += 1
    const fate = life.fateOfCommit(life.commits, writes)
    if (fate instanceof Error) throw fate
    if (!FATES.includes(fate))
      throw new MessengerError('OPTIONS_INVALID', `The fate of a commit is an Error, or ${FATES.join(', ')}`)
    if (fate !== 'die-before' && fate !== 'cut-before') await lasting.commit(writes)
    if (fate === 'pass') return
    life.kill(fate.startsWith('cut') ? 'power-cut' : 'kill')
    return never()
  }

  return {
    get: (key) => whileAlive(life, lasting.get(key)),
    async *range(range) {
      for await (const pair of lasting.range(range)) {
        if (!life.alive) await never()
        yield pair
      }
    },
    commit(writes) {
      const mine = turn.then(() => commit(writes))
      turn = mine.catch(() => undefined)
      return whileAlive(life, mine)
    },
    async close() {
      await turn
    }
  }
}
