import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { openScreen } from '../../../src/cli/terminal/screen.js'
import { Page } from '../command-line.js'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('the screen', () => {
  it('takes the terminal and gives it back as it was', () => {
    const raw: boolean[] = []
    const stdin = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) })
    const stdout = new Page(true)
    const screen = openScreen(stdin, stdout, { key: () => undefined, resize: () => undefined })
    assert.ok(stdout.text.includes('\u001b[?1049h'))
    screen.close()
    assert.ok(stdout.text.endsWith('\u001b[?1049l'))
    assert.deepEqual(raw, [true, false])
    assert.equal(stdin.listenerCount('keypress'), 0)
    assert.equal(stdout.listenerCount('resize'), 0)
  })

  it('takes the terminal again, and draws the whole screen, when the process goes on that was stopped', () => {
    const raw: boolean[] = []
    let drawn = 0
    const stdin = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) })
    const stdout = new Page(true)
    const others = process.listenerCount('SIGCONT')
    const screen = openScreen(stdin, stdout, { key: () => undefined, resize: () => drawn++ })
    stdout.text = ''
    process.emit('SIGCONT')
    assert.ok(stdout.text.includes('\u001b[?1049h'))
    // Off first, as Node does nothing for a terminal that is raw as far as it knows.
    assert.deepEqual(raw, [true, false, true])
    assert.equal(drawn, 1)
    screen.close()
    assert.equal(process.listenerCount('SIGCONT'), others)
  })

  it('draws once for many changes in one turn', async () => {
    const stdout = new Page(true)
    const screen = openScreen(new PassThrough(), stdout, { key: () => undefined, resize: () => undefined })
    stdout.text = ''
    for (const text of ['one', 'two']) screen.show(() => ({ lines: [text], cursor: { row: 0, column: 0 } }))
    await turn()
    assert.ok(stdout.text.includes('two') && !stdout.text.includes('one'))
    screen.close()
  })

  it('hands keys over and draws the whole screen again after a resize', async () => {
    const keys: (string | undefined)[] = []
    let resized = 0
    const stdin = new PassThrough()
    const stdout = new Page(true)
    const compose = (): { lines: string[]; cursor: { row: number; column: number } } => ({
      lines: ['all'],
      cursor: { row: 0, column: 0 }
    })
    const screen = openScreen(stdin, stdout, {
      key: (text) => keys.push(text),
      resize: () => {
        resized += 1
        screen.show(compose)
      }
    })
    screen.show(compose)
    stdin.write('é')
    await turn()
    stdout.text = ''
    stdout.emit('resize')
    await turn()
    assert.deepEqual(keys, ['é'])
    assert.equal(resized, 1)
    assert.ok(stdout.text.includes('all'))
    assert.deepEqual(screen.size(), { columns: 100, rows: 30 })
    screen.close()
  })
})
