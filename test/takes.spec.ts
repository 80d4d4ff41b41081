import assert from 'node:assert/strict'
import {
  checkPath,
  checkTakes,
  checkTakesOnly,
  has,
  isBetween,
  isBoolean,
  isBytes,
  isCount,
  isFunction,
  isNumber,
  isText,
  putGiven
} from '../src/takes.js'

describe('takes', () => {
  it('tells what fits', () => {
    const all = ['a', true, () => 1, 0, 1.5, -1, NaN, Infinity, null, {}]
    const fitting = (fits: (value: unknown) => boolean): unknown[] => all.filter(fits)
    assert.deepEqual(fitting(isText), ['a'])
    assert.deepEqual(fitting(isBoolean), [true])
    assert.deepEqual(fitting(isFunction), [all[2]])
    assert.deepEqual(fitting(isNumber), [0, 1.5, -1, Infinity])
    assert.deepEqual(fitting(isCount), [0])
    assert.deepEqual(fitting(isBetween(0, 2)), [0, 1.5])
    const bytes = [new Uint8Array(2), Buffer.alloc(2), new Uint8ClampedArray(2)]
    const wider = [new Uint16Array(2), new Float64Array(2), new DataView(new ArrayBuffer(2))]
    assert.deepEqual([...bytes, ...wider, new ArrayBuffer(2), [1, 2]].filter(isBytes), bytes)
    assert.deepEqual([{}, null, { a: 1 }, { a: () => 1 }].map(has('a')), [false, false, false, true])
  })

  it('says which option does not fit or is missing, and what it takes', () => {
    const takes = { seed: [isNumber, 'a number'], loss: [isBetween(0, 1), 'a probability'] } as const
    const check = (options: unknown) => () => {
      checkTakes(options, takes, 'Give an object', ['seed'])
    }
    for (const options of [{ seed: 1 }, { seed: 1, loss: undefined }, { seed: 1, loss: 0.5, more: 'x' }])
      check(options)()
    const code = 'OPTIONS_INVALID'
    for (const options of [undefined, null, 'x'])
      assert.throws(check(options), { code, message: 'Give an object' })
    for (const options of [{}, { seed: undefined }, { seed: '1' }])
      assert.throws(check(options), { code, message: 'The option seed takes a number' })
    assert.throws(check({ seed: 1, loss: 2 }), { code, message: 'The option loss takes a probability' })
    for (const path of [undefined, '', 5])
      assert.throws(
        () => {
          checkPath(path)
        },
        { code }
      )
    checkPath('./alice')
  })

  it('says which option there is none of, where nothing else may be given', () => {
    const takes = { path: [isText, 'a text'], loss: [isBetween(0, 1), 'a probability'] } as const
    const check = (options: unknown) => () => {
      checkTakesOnly(options, takes, 'Give an object')
    }
    for (const options of [{}, { path: 'a', pth: undefined }, { path: undefined }]) check(options)()
    const message = 'There is no option pth; there are path, loss'
    assert.throws(check({ path: 'a', pth: 'b' }), { code: 'OPTIONS_INVALID', message })
    assert.throws(check('a'), { code: 'OPTIONS_INVALID', message: 'Give an object' })
  })

  it('puts what is given in place, and leaves what is undefined as it is', () => {
    const target = { a: 1, b: 2 }
    putGiven(target, { a: 3, b: undefined })
    assert.deepEqual(target, { a: 3, b: 2 })
  })
})
