import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_PARALLEL_DIALS, MAX_REDIAL_MS } from '../../src/network/limits.js'
import {
  createLinkSupervisor,
  dialFailed,
  keepLinks,
  linkDown,
  linkGreeted,
  linkUp,
  nextWakeAt,
  resetLinks,
  wake
} from '../../src/network/link-supervisor.js'
import type { LinkSupervisor } from '../../src/network/link-supervisor.js'

const START = 1_000_000

function keeping(count: number): LinkSupervisor {
  const links = Array.from({ length: count }, (_, n) => ({ id: `peer ${n}`, addresses: [`/memory/${n}`] }))
  return keepLinks(createLinkSupervisor(), links, START)
}

/** Fail every dial for `ms`; returns the state, the time and how many dials that took. */
function failFor(
  state: LinkSupervisor,
  ms: number,
  random: () => number
): readonly [LinkSupervisor, number, number] {
  let current = state
  let now = START
  let dials = 0
  for (;;) {
    const wakeAt = nextWakeAt(current)
    assert.ok(wakeAt !== undefined, 'a waiting link always has its time')
    if (wakeAt > START + ms) return [current, now, dials]
    now = Math.max(now, wakeAt)
    const step = wake(current, now)
    current = step.state
    for (const { id } of step.dials) current = dialFailed(current, id, now, random())
    dials += step.dials.length
  }
}

describe('network/link-supervisor', () => {
  it('dials a new link at once', () => {
    const state = keeping(1)
    assert.equal(nextWakeAt(state), START)
    assert.deepEqual(wake(state, START).dials, [{ id: 'peer 0', addresses: ['/memory/0'] }])
  })

  it('never dials more than a few at once, and the others as soon as one is done', () => {
    const first = wake(keeping(20), START)
    assert.equal(first.dials.length, MAX_PARALLEL_DIALS)
    assert.equal(nextWakeAt(first.state), undefined)
    assert.deepEqual(wake(first.state, START).dials, [])
    const freed = linkUp(first.state, 'peer 0', '/memory/0', START)
    assert.equal(wake(freed, START).dials.length, 1)
  })

  it('waits longer after each failure, up to five minutes, and never gives up', () => {
    const [state, , dials] = failFor(keeping(1), 7 * 86_400_000, () => 0.999)
    assert.equal(state.links.get('peer 0')?.phase, 'waiting')
    const [atLeast, atMost] = [(7 * 86_400_000) / MAX_REDIAL_MS, (7 * 86_400_000) / MAX_REDIAL_MS + 20]
    assert.ok(dials >= atLeast && dials <= atMost, `${dials} dials in a week`)
  })

  it('dials at once after a reset, however often it failed before', () => {
    const [failed] = failFor(keeping(1), 86_400_000, () => 0.999)
    const later = START + 86_400_000
    assert.notEqual(nextWakeAt(failed), later)
    const reset = resetLinks(failed, later)
    assert.ok((nextWakeAt(reset) ?? Infinity) <= later)
    assert.equal(reset.links.get('peer 0')?.failures, 0)
  })

  it('dials when the clock was set back, not when it is again where it was', () => {
    const [failed] = failFor(keeping(1), 3_600_000, () => 0.999)
    const before = START - 86_400_000
    assert.equal(wake(failed, before).dials.length, 1)
    const down = linkDown(linkUp(keeping(1), 'peer 0', undefined, START), 'peer 0', START, 0.999)
    assert.deepEqual(wake(down, START).dials, [], 'its time is near')
  })

  it('dials at once when a link gets a new address, and goes on as before when it does not', () => {
    const [failed] = failFor(keeping(1), 3_600_000, () => 0.999)
    const later = START + 3_600_000
    const same = keepLinks(failed, [{ id: 'peer 0', addresses: ['/memory/0'] }], later)
    assert.equal(nextWakeAt(same), nextWakeAt(failed))
    const moved = keepLinks(failed, [{ id: 'peer 0', addresses: ['/memory/0', '/memory/new'] }], later)
    assert.equal(nextWakeAt(moved), later)
  })

  it('tries first what worked last', () => {
    const links = [{ id: 'peer', addresses: ['/memory/old', '/memory/new'] }]
    const dialling = wake(keepLinks(createLinkSupervisor(), links, START), START).state
    const up = linkUp(dialling, 'peer', '/memory/new', START)
    const down = linkDown(up, 'peer', START, 0)
    assert.deepEqual(wake(down, START).dials[0]?.addresses, ['/memory/new', '/memory/old'])
  })

  it('dials within a second when a link was lost', () => {
    const up = linkUp(wake(keeping(1), START).state, 'peer 0', undefined, START)
    assert.equal(nextWakeAt(up), undefined)
    const again = linkUp(linkGreeted(up, 'peer 0'), 'peer 0', undefined, START)
    assert.equal(nextWakeAt(linkDown(again, 'peer 0', START, 0.5)), START + 500)
  })

  it('dials ever later while each link ends before the peer has said who it is, however many dials failed before', () => {
    let [state] = failFor(keeping(1), 3_600_000, () => 0.999)
    const now = START + 3_600_000
    const waits: number[] = []
    for (const isGreeted of [false, false, false, true, false]) {
      state = linkUp(state, 'peer 0', undefined, now)
      if (isGreeted) state = linkGreeted(state, 'peer 0')
      state = linkDown(state, 'peer 0', now, 0.5)
      waits.push((nextWakeAt(state) ?? NaN) - now)
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 500, 1_000])
    const reset = linkDown(linkUp(resetLinks(state, now), 'peer 0', undefined, now), 'peer 0', now, 0.5)
    assert.equal((nextWakeAt(reset) ?? NaN) - now, 1_000)
    assert.equal(linkGreeted(state, 'peer 0'), state, 'who is not linked says nothing')
  })

  it('keeps its promises in every sequence of events', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('wake' as const), after: fc.nat(400_000) }),
      fc.record({
        kind: fc.constantFrom('up' as const, 'greeted' as const, 'down' as const, 'fail' as const),
        link: fc.nat(11)
      }),
      fc.record({ kind: fc.constant('keep' as const), count: fc.nat(12) }),
      fc.record({ kind: fc.constant('reset' as const) })
    )
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 80 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (events, randoms) => {
          let state = keeping(12)
          let now = START
          const random = (): number => Number(randoms.next().value)
          for (const happening of events) {
            const before = JSON.stringify([...state.links])
            const previous = state
            switch (happening.kind) {
              case 'wake': {
                now += happening.after
                state = wake(state, now).state
                break
              }
              case 'up':
                state = linkUp(state, `peer ${happening.link}`, undefined, now)
                break
              case 'greeted':
                state = linkGreeted(state, `peer ${happening.link}`)
                break
              case 'down':
                state = linkDown(state, `peer ${happening.link}`, now, random())
                break
              case 'fail':
                state = dialFailed(state, `peer ${happening.link}`, now, random())
                break
              case 'keep':
                state = keepLinks(
                  state,
                  [...keeping(happening.count).links.values()].map(({ id }) => ({ id, addresses: [id] })),
                  now
                )
                break
              case 'reset':
                state = resetLinks(state, now)
            }
            assert.equal(JSON.stringify([...previous.links]), before, 'what is passed in stays as it was')
            const phases = [...state.links.values()].map(({ phase }) => phase)
            assert.ok(phases.filter((phase) => phase === 'dialling').length <= MAX_PARALLEL_DIALS)
            for (const link of state.links.values()) assert.ok(link.nextDialAt <= now + MAX_REDIAL_MS)
            const isStuck =
              phases.includes('waiting') && !phases.includes('dialling') && nextWakeAt(state) === undefined
            assert.ok(!isStuck, 'somebody waits and nobody will wake')
          }
        }
      )
    )
  })
})
