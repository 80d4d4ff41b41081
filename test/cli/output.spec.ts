import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'
import { createOutput, reportError } from '../../src/cli/output.js'
import { CUT_LONG_LINES, WRAP_LONG_LINES } from '../../src/cli/terminal/screen.js'
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

  it('has what others wrote begin no line at the edge of a terminal, wherever they break it', () => {
    const [stdout, stderr] = [new Page(true), new Page(true)]
    stdout.columns = 30
    const forged = `${'a'.repeat(24)} 09:15 Carol: yes\n09:16 Carol: really`
    createOutput({ stdout, stderr, env: {} }, false).tell(
      ['── today ──', `09:14 Bob: ${forged}`],
      {},
      '      '
    )
    const shown = stdout.text.replaceAll(CUT_LONG_LINES, '').replaceAll(WRAP_LONG_LINES, '')
    assert.deepEqual(shown.split('\n'), [
      '── today ──',
      '09:14 Bob:',
      '      aaaaaaaaaaaaaaaaaaaaaaaa',
      '      09:15 Carol: yes',
      '      09:16 Carol: really',
      ''
    ])
    const isKept = stdout.text.startsWith(CUT_LONG_LINES) && stdout.text.endsWith(`${WRAP_LONG_LINES}\n`)
    assert.ok(isKept, 'the terminal breaks none of them either')
    const dumb = new Page(true)
    createOutput({ stdout: dumb, stderr, env: { TERM: 'dumb' } }, false).tell(
      '09:14 Bob: hello',
      {},
      '      '
    )
    assert.equal(dumb.text, '09:14 Bob: hello\n')
  })

  it('leaves what others wrote as long as it is for pipes and programs', () => {
    const [pipe, programs, stderr] = [new Page(), new Page(true), new Page()]
    const long = `${'word '.repeat(40)} `
    createOutput({ stdout: pipe, stderr, env: {} }, false).tell(`${long}\nb`, {}, '    ')
    assert.equal(pipe.text, `${long}\n    b\n`)
    createOutput({ stdout: programs, stderr, env: {} }, true).tell('a', { text: long }, '    ')
    assert.equal(programs.text, `${JSON.stringify({ text: long })}\n`)
  })

  it('reports an error as a sentence, or as an object', () => {
    const error = new MessengerError('CARD_EXPIRED', 'This card has expired\u001b[2J')
    const [people, programs] = [new Page(), new Page()]
    assert.equal(reportError(error, false, { stderr: people, env: {} }), 5)
    assert.equal(reportError(error, true, { stderr: programs, env: {} }), 5)
    assert.equal(people.text, 'hallig: This card has expired\n')
    assert.equal((JSON.parse(programs.text) as { error: { code: string } }).error.code, 'CARD_EXPIRED')
  })

  it('breaks what is printed between words on a terminal, but no link', () => {
    const stdout = new Page(true)
    stdout.columns = 20
    const output = createOutput({ stdout, stderr: new Page(), env: {} }, false)
    const link = `hallig:${'A'.repeat(40)}`
    output.print(['One word after another', `      ${link}`], {})
    output.print('One word after another', {}, '    ')
    assert.equal(stdout.text, `One word after\n  another\n      ${link}\nOne word after\n    another\n`)
  })

  it('breaks a remark or an error between words on a terminal, and nowhere in a pipe', () => {
    const [terminal, pipe] = [new Page(true), new Page()]
    terminal.columns = 30
    for (const stderr of [terminal, pipe]) {
      createOutput({ stdout: new Page(), stderr, env: {} }, false).remark(
        '\nOne word after another, and so on.'
      )
      reportError(new CommandError('USAGE', 'Say `hallig add <card>` and no more'), false, {
        stderr,
        env: {}
      })
    }
    assert.equal(
      terminal.text,
      '\nOne word after another, and so\n  on.\nhallig: Say\n  `hallig add <card>` and no\n  more\n'
    )
    assert.equal(
      pipe.text,
      '\nOne word after another, and so on.\nhallig: Say `hallig add <card>` and no more\n'
    )
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
