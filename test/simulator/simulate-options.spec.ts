import assert from 'node:assert/strict'
import { simulate } from '../../src/simulator/simulate.js'

describe('the options of a simulation', () => {
  it('take encounters of those who take part, and say so of others', async () => {
    const meeting = { one: 0, other: 1, start: 0, end: 60_000 }
    const wrong = [
      { other: 2 },
      { other: 0 },
      { one: -1 },
      { one: 0.5 },
      { start: NaN },
      { start: 90_000 },
      { end: '60' }
    ]
    for (const encounter of [null, ...wrong.map((part) => ({ ...meeting, ...part }))])
      await assert.rejects(
        async () => {
          await Reflect.apply(simulate, undefined, [{ seed: 1, nodes: 2, hours: 1, encounters: [encounter] }])
        },
        { code: 'OPTIONS_INVALID' }
      )
  })

  it('say in words what does not fit', async () => {
    for (const options of [
      undefined,
      null,
      {},
      { seed: 1, person: {} },
      { seed: 1, encounters: {} },
      { seed: 1, onLine: 5 },
      { seed: 1, observe: 5 },
      { seed: 1, hours: NaN }
    ])
      await assert.rejects(
        async () => {
          await Reflect.apply(simulate, undefined, [options])
        },
        { code: 'OPTIONS_INVALID' }
      )
  })

  it('have people come together in the end where their encounters are given, unless it is said otherwise', async () => {
    // What is drawn for this seed is that they do not.
    const seed = 7
    assert.equal((await simulate({ seed, nodes: 2, hours: 0.1, messages: 1 })).plan.gathers, false)
    const encounters = [{ one: 0, other: 1, start: 0, end: 60_000 }]
    const { plan, violations } = await simulate({ seed, nodes: 2, hours: 0.1, messages: 3, encounters })
    assert.deepEqual([plan.gathers, violations], [true, []])
  })

  it('tell an observer of what happens to anybody', async () => {
    const received: string[] = []
    const { delivered } = await simulate({
      seed: 1,
      nodes: 2,
      hours: 0.5,
      observe: (by, event) => {
        if (event.kind === 'receive') received.push(by)
      }
    })
    assert.ok(delivered > 0)
    assert.equal(received.length, delivered)
  })
})
