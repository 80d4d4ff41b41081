import assert from 'node:assert/strict'
import { parseTrace } from '../../src/simulator/contact-trace.js'

describe('simulator/contact-trace', () => {
  it('reads who met whom and when, from the first encounter on, in order', () => {
    const text = '2\t1\t130\t140\t1\t0\n\n1 3 100 100 1 0\n3\t4\t100\t120\n'
    assert.deepEqual(parseTrace(text, 4), [
      { one: 0, other: 2, start: 0, end: 0 },
      { one: 2, other: 3, start: 0, end: 20_000 },
      { one: 0, other: 1, start: 30_000, end: 40_000 }
    ])
  })

  it('leaves out strangers and what is no encounter', () => {
    const text = '1 5 100 110\n2 2 100 110\n0 1 100 110\n1 2 110 100\n1 2 100\nnonsense\n1 2 50 60'
    assert.deepEqual(parseTrace(text, 4), [{ one: 0, other: 1, start: 0, end: 10_000 }])
  })

  it('takes text, and the number of devices', () => {
    for (const given of [[], [Uint8Array.of(1), 4], ['1 2 3 4'], ['1 2 3 4', '4']])
      assert.throws(() => Reflect.apply(parseTrace, undefined, given), { code: 'OPTIONS_INVALID' })
  })
})
