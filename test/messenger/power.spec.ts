import assert from 'node:assert/strict'
import { checkLevel, restsAt } from '../../src/messenger/power.js'

describe('messenger/power', () => {
  it('rests at or below the level above which others are served, unless it is charging or there is none', () => {
    const at = (level: number, charging = false): boolean => restsAt({ level, charging }, 0.3, false)
    assert.deepEqual([at(1), at(0.31), at(0.3), at(0)], [false, false, true, true])
    assert.deepEqual([at(0, true), restsAt({ level: 0 }, undefined, false)], [false, false])
  })

  it('does not switch to and fro while the level trembles', () => {
    const at = (level: number): boolean => restsAt({ level }, 0.3, true)
    assert.deepEqual([at(0.31), at(0.35), at(0.36)], [true, true, false])
    assert.deepEqual([restsAt({ level: 1 }, 1, true), restsAt({ level: 0.99 }, 1, false)], [false, true])
  })

  it('takes nothing for a level that is none', () => {
    assert.deepEqual([checkLevel(0, 'x'), checkLevel(1, 'x')], [0, 1])
    for (const level of [-0.1, 1.1, 30, Number.NaN, Infinity])
      assert.throws(() => checkLevel(level, 'x'), { code: 'OPTIONS_INVALID' })
  })
})
