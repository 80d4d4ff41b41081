import assert from 'node:assert/strict'
import { HELP, planOf } from '../../../examples/demo/plan.js'

describe('the plan', () => {
  it('is a hundred messages each, in namespaces, with a walk, a return and a stick', () => {
    const whole = { messages: 100, namespaces: true, walk: true, return: true, stick: true }
    assert.deepEqual(planOf([]), whole)
  })

  it('can be changed', () => {
    assert.deepEqual(planOf(['--messages', '40', '--no-namespaces']), {
      messages: 40,
      namespaces: false,
      walk: true,
      return: true,
      stick: true
    })
    for (const left of ['walk', 'return', 'stick'] as const) {
      assert.deepEqual(planOf([`--without-${left}`]), {
        messages: 100,
        namespaces: true,
        walk: left !== 'walk',
        return: left !== 'return',
        stick: left !== 'stick'
      })
    }
    assert.equal(planOf(['--help', '--messages', '40']), 'help')
  })

  it('says what is wrong with a count of messages', () => {
    for (const count of ['0', '19', '5001', 'many', '20.5', '']) {
      assert.throws(() => planOf(['--messages', count]), /--messages takes a whole number from 20 to 5000/)
    }
  })

  it('says what is wrong with an option that does not exist, and names all that do', () => {
    assert.throws(() => planOf(['--fast']), /--fast/)
    for (const option of [
      '--messages',
      '--no-namespaces',
      '--without-walk',
      '--without-return',
      '--without-stick',
      '--help'
    ]) {
      assert.ok(HELP.includes(option))
    }
  })
})
