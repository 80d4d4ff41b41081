import assert from 'node:assert/strict'
import {
  overdue,
  RunningSessions,
  type RunningSession
} from '../../../src/messenger/carry/running-sessions.js'
import type { SyncOutcome } from '../../../src/messenger/carry/sync-run.js'
import { SYNC_TURN } from '../../../src/protocol/limits.js'

const OUTCOME: SyncOutcome = { received: 1, given: 2, isWhole: true }

describe('messenger/carry/running-sessions', () => {
  let sessions: RunningSessions
  let aborted: string[]
  let now: number

  beforeEach(() => {
    sessions = new RunningSessions()
    now = 1_000_000
    aborted = []
  })

  /** A session that ends when told to. */
  function begin(peer: string, side: 'opener' | 'taker' = 'opener') {
    const session: { open: () => void; end: (outcome: SyncOutcome | undefined) => void; fail: () => void } = {
      open: () => undefined,
      end: () => undefined,
      fail: () => undefined
    }
    const driven = new Promise<SyncOutcome | undefined>((resolve, reject) => {
      session.end = resolve
      session.fail = () => {
        reject(new Error('of the driver'))
      }
    })
    const whole = sessions.during(peer, side, (running: RunningSession) => {
      session.open = () => {
        running.begin({ isGreeted: true }, { abort: () => void aborted.push(`${peer} ${side}`) }, now)
      }
      return driven
    })
    return { whole, ...session, open: () => session.open() }
  }

  it('know a session from the opening of its stream until it has ended', async () => {
    const { open, end, whole } = begin('bob')
    assert.equal(sessions.get('bob')?.side, 'opener')
    assert.equal(sessions.get('bob')?.isGreeted, false)
    assert.equal(sessions.get('bob')?.isOpen, false)
    open()
    assert.equal(sessions.get('bob')?.isGreeted, true)
    assert.equal(sessions.get('bob')?.isOpen, true)
    end(OUTCOME)
    assert.equal(await whole, OUTCOME)
    assert.equal(sessions.get('bob'), undefined)
  })

  const unopened = (): Promise<SyncOutcome | undefined> =>
    Promise.reject(new Error('nothing is to be opened'))

  it('let another with the same peer take the place, which the end of the first leaves alone', async () => {
    const first = begin('bob')
    const beaten = sessions.get('bob')
    const second = begin('bob', 'taker')
    assert.ok(beaten !== undefined && !sessions.isCurrent('bob', beaten))
    first.end(undefined)
    await first.whole
    assert.equal(sessions.get('bob')?.side, 'taker')
    second.end(OUTCOME)
    assert.equal(await second.whole, OUTCOME)
  })

  it('forget one that fails', async () => {
    const { fail, whole } = begin('bob')
    fail()
    await assert.rejects(whole, /of the driver/)
    assert.equal(sessions.get('bob'), undefined)
  })

  it('give the outcome of one that is opened for it, where there is none', async () => {
    assert.equal(await sessions.fresh('bob', () => Promise.resolve(OUTCOME), undefined), OUTCOME)
  })

  it('give no outcome where none can be opened, and try once', async () => {
    let tries = 0
    const open = (): Promise<undefined> => {
      tries++
      return Promise.resolve(undefined)
    }
    assert.equal(await sessions.fresh('bob', open, undefined), undefined)
    assert.equal(tries, 1)
  })

  it('give the outcome of one that is being opened', async () => {
    const { end } = begin('bob')
    const fresh = sessions.fresh('bob', unopened, undefined)
    end(OUTCOME)
    assert.equal(await fresh, OUTCOME)
  })

  it('wait for one that has begun, and give the outcome of another', async () => {
    const { open, end } = begin('bob')
    open()
    const other = { ...OUTCOME, given: 3 }
    const fresh = sessions.fresh('bob', () => Promise.resolve(other), undefined)
    end(OUTCOME)
    assert.equal(await fresh, other)
  })

  it('give the outcome of whoever was quicker', async () => {
    const first = begin('bob')
    const fresh = sessions.fresh('bob', unopened, undefined)
    const second = begin('bob', 'taker')
    second.open()
    first.end(undefined)
    await first.whole
    second.end(OUTCOME)
    assert.equal(await fresh, OUTCOME)
  })

  it('give up a peer with whom each breaks off', async () => {
    let opened = 0
    const open = async (): Promise<undefined> => {
      opened++
      const { end, whole } = begin('bob')
      end(undefined)
      await whole
      // And the peer opens one again, which breaks off as well.
      const next = begin('bob', 'taker')
      setImmediate(() => next.end(undefined))
    }
    assert.equal(await sessions.fresh('bob', open, undefined), undefined)
    assert.equal(opened, 2)
  })

  it('end a wait with its signal, and leave the session alone', async () => {
    const { open, end, whole } = begin('bob')
    open()
    const controller = new AbortController()
    const waited = sessions.fresh('bob', unopened, controller.signal)
    controller.abort()
    assert.equal(await waited, undefined)
    assert.equal(await sessions.fresh('bob', unopened, controller.signal), undefined)
    assert.deepEqual(aborted, [])
    assert.equal(sessions.get('bob')?.side, 'opener')
    end(OUTCOME)
    assert.equal(await whole, OUTCOME)
  })

  it('abort the streams of all that have one', () => {
    begin('bob').open()
    begin('carol', 'taker').open()
    begin('dave')
    sessions.abort()
    assert.deepEqual(aborted, ['bob opener', 'carol taker'])
  })

  it('know which has had its turn the longest: none before it is over, nor before its stream is open, nor once it was aborted', () => {
    const overdueOf = (side: 'opener' | 'taker'): RunningSession | undefined =>
      overdue(
        sessions.those((_, session) => session.side === side),
        now
      )
    begin('bob').open()
    now += 1_000
    begin('carol').open()
    begin('dave')
    begin('erin', 'taker').open()
    now += SYNC_TURN - 1_000
    assert.equal(overdueOf('opener'), undefined)
    now += 2_000
    assert.equal(overdueOf('opener'), sessions.get('bob'))
    sessions.get('bob')?.abort()
    assert.equal(overdueOf('opener'), sessions.get('carol'))
    assert.equal(overdueOf('taker'), sessions.get('erin'))
  })

  it('give none a longer turn when the clock is set back', () => {
    begin('bob').open()
    now -= SYNC_TURN + 1
    assert.equal(
      overdue(
        sessions.those(() => true),
        now
      ),
      sessions.get('bob')
    )
  })
})
