import type { Clock } from '../../src/clock.js'
import type { Network, NetworkHandlers } from '../../src/network/network.js'
import type { Store, Write } from '../../src/storage/store.js'

/** What becomes of a commit: it passes, it fails with this error, or the process dies just before or just after it. */
export type CommitFate = 'pass' | 'die-before' | 'die-after' | Error

/** One run of a process: until `kill`, and then nothing that it began goes on. */
export interface Life {
  readonly alive: boolean
  /** Resolves at the death. */
  readonly died: Promise<'died'>
  /** Asked before every commit, with its number in this life, counted from 1. */
  fateOfCommit: (count: number, writes: readonly Write[]) => CommitFate
  commits: number
  kill(): void
}

export function beginLife(): Life {
  let announce: (value: 'died') => void = () => undefined
  const died = new Promise<'died'>((resolve) => (announce = resolve))
  let alive = true
  return {
    get alive() {
      return alive
    },
    died,
    commits: 0,
    fateOfCommit: () => 'pass',
    kill() {
      alive = false
      announce('died')
    }
  }
}

/** What a dead process waits for. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

async function whileAlive<T>(life: Life, promise: Promise<T>): Promise<T> {
  const value = await promise
  return life.alive ? value : never<T>()
}

/** A clock of one life, `offset` ms ahead of the world's. */
export function mortalClock(clock: Clock, life: Life, offset: () => number): Clock {
  return {
    now: () => clock.now() + offset(),
    schedule: (delay, wake) =>
      clock.schedule(delay, () => {
        if (life.alive) wake()
      })
  }
}

/** A network of one life: at the death it falls silent, and the underlying one can be started again by the next. */
export function mortalNetwork(
  network: Network,
  life: Life,
  onPublish: (topic: string, envelope: Uint8Array) => void
): Network {
  void life.died.then(() => network.stop())
  return {
    start: (handlers: NetworkHandlers) => (life.alive ? network.start(handlers) : never()),
    stop: () => (life.alive ? network.stop() : never()),
    join: (topic) => {
      if (life.alive) network.join(topic)
    },
    leave: (topic) => {
      if (life.alive) network.leave(topic)
    },
    publish: async (topic, envelope) => {
      if (!life.alive) return never()
      onPublish(topic, envelope)
      return await whileAlive(life, network.publish(topic, envelope))
    },
    request: (peer, protocol, request, options) =>
      life.alive ? whileAlive(life, network.request(peer, protocol, request, options)) : never(),
    dial: (address, options) => (life.alive ? whileAlive(life, network.dial(address, options)) : never()),
    keep: (links) => {
      if (life.alive) network.keep(links)
    },
    peers: () => network.peers(),
    addresses: () => network.addresses()
  }
}

/** How long a commit takes, ms of the world's clock. */
export type CommitDelay = () => number

/**
 * A store of one life over one that lasts. A commit takes time, as a disk does, and all of it becomes visible at its end;
 * the life says what becomes of it.
 */
export function mortalStore(lasting: Store, life: Life, clock: Clock, delay: CommitDelay): Store {
  let turn: Promise<void> = Promise.resolve()

  async function commit(writes: readonly Write[]): Promise<void> {
    await new Promise<void>((resolve) => clock.schedule(delay(), resolve))
    if (!life.alive) return never()
    life.commits += 1
    const fate = life.fateOfCommit(life.commits, writes)
    if (fate instanceof Error) throw fate
    if (fate !== 'die-before') await lasting.commit(writes)
    if (fate === 'pass') return
    life.kill()
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
