import assert from 'node:assert/strict'
import { HELP, planOf } from '../../../examples/demo/plan.js'

describe('the plan', () => {
  it('is two hundred messages each, by multicast, with Bob coming back', () => {
    assert.deepEqual(planOf([]), { messages: 200, lan: true, bobReturns: true })
  })

  it('can be changed', () => {
    assert.deepEqual(planOf(['--messages', '40', '--no-multicast', '--without-return']), {
      messages: 40,
      lan: false,
      bobReturns: false
    })
    assert.equal(planOf(['--help', '--messages', '40']), 'help')
  })

  it('says what is wrong with a count of messages', () => {
    for (const count of ['0', '19', '5001', 'many', '20.5', '']) {
      assert.throws(() => planOf(['--messages', count]), /--messages takes a whole number from 20 to 5000/)
    }
  })

  it('says what is wrong with an option that does not exist, and names all that do', () => {
    assert.throws(() => planOf(['--fast']), /--fast/)
    for (const option of ['--messages', '--no-multicast', '--without-return', '--help']) {
      assert.ok(HELP.includes(option))
    }
  })
})
