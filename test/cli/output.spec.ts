import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'
import { createOutput, reportError } from '../../src/cli/output.js'
import { MessengerError } from '../../src/index.js'
import { Page } from './command-line.js'

describe('output', () => {
  it('is lines for people', () => {
    const [stdout, stderr] = [new Page(), new Page()]
    const output = createOutput({ stdout, stderr, env: {} }, false)
    output.print(['a', 'b'], { a: 1 })
    output.print('c', {})
    output.remark('d')
    assert.deepEqual([stdout.text, stderr.text], ['a\nb\nc\n', 'd\n'])
  })

  it('is one line of JSON for programs, without remarks', () => {
    const [stdout, stderr] = [new Page(), new Page()]
    const output = createOutput({ stdout, stderr, env: {} }, true)
    output.print(['a', 'b'], { text: 'a\nb\u001b' })
    output.remark('d')
    assert.deepEqual([stdout.text, stderr.text], ['{"text":"a\\nb\\u001b"}\n', ''])
  })

  it('reports an error as a sentence, or as an object', () => {
    const error = new MessengerError('CARD_EXPIRED', 'This card has expired\u001b[2J')
    const [people, programs] = [new Page(), new Page()]
    assert.equal(reportError(error, false, { stderr: people, env: {} }), 5)
    assert.equal(reportError(error, true, { stderr: programs, env: {} }), 5)
    assert.equal(people.text, 'hallig: This card has expired\n')
    assert.equal((JSON.parse(programs.text) as { error: { code: string } }).error.code, 'CARD_EXPIRED')
  })

  it('tells where an error came from if asked to', () => {
    const stderr = new Page()
    const error = new CommandError('USAGE', 'Wrong', { cause: new Error('deeper') })
    reportError(error, false, { stderr, env: { HALLIG_DEBUG: '1' } })
    assert.match(stderr.text, /output\.spec[^]*caused by Error: deeper/)
    reportError('odd', false, { stderr, env: {} })
    assert.ok(stderr.text.endsWith('hallig: odd\n'))
  })
})
