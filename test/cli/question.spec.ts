import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { ask, canAsk } from '../../src/cli/question.js'
import { Page } from './command-line.js'

describe('a question on the terminal', () => {
  it('is asked where both ends are a terminal only', () => {
    const person = Object.assign(new PassThrough(), { isTTY: true })
    assert.ok(canAsk({ stdin: person, stdout: new Page(true) }))
    assert.ok(!canAsk({ stdin: person, stdout: new Page() }))
    assert.ok(!canAsk({ stdin: new PassThrough(), stdout: new Page(true) }))
  })

  it('takes Ctrl-C and Ctrl-D for no', async () => {
    for (const key of ['\u0003', '\u0004']) {
      const stdin = new PassThrough()
      const stdout = new Page(true)
      stdin.write(key)
      assert.equal(await ask({ stdin, stdout }, 'Really?'), false)
      assert.ok(stdout.text.endsWith('\n'))
    }
  })

  it('takes only what begins with a y for yes', async () => {
    for (const [answer, meant] of [
      ['y', true],
      [' Yes', true],
      ['', false],
      ['n', false],
      ['maybe', false]
    ] as const) {
      const stdin = new PassThrough()
      const stdout = new Page(true)
      stdin.write(`${answer}\n`)
      assert.equal(await ask({ stdin, stdout }, 'Really?'), meant)
      assert.ok(stdout.text.includes('Really? [y/N] '))
    }
  })
})
