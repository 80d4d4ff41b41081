import assert from 'node:assert/strict'

import { Child, killAll } from '../../../examples/demo/child.js'

interface Order {
  readonly kind: 'say' | 'fail' | 'throw' | 'leave' | 'stay-silent'
  readonly text?: string
}

type Report =
  { readonly kind: 'said'; readonly text: string } | { readonly kind: 'failed'; readonly reason: string }

/** As a script's place is given to `Child`: relative to its own file, or whole. */
const SCRIPT = new URL('child-script.js', import.meta.url).href

describe('a process of the demonstration', () => {
  const said: string[] = []

  function start(silence = 15_000): Child<Order, Report> {
    said.length = 0
    return new Child<Order, Report>('Carol', SCRIPT, {
      silence,
      onReport: (report) => {
        if (report.kind === 'said') said.push(report.text)
      }
    })
  }

  afterEach(killAll)

  it('hands out its reports in order, each once, and ends by itself', async () => {
    const carol = start()
    carol.tell({ kind: 'say', text: 'one' })
    carol.tell({ kind: 'say', text: 'two' })
    assert.equal((await carol.next('said', 'say one')).text, 'one')
    assert.equal((await carol.next('said', 'say two')).text, 'two')
    await carol.until('say both', () => said.length === 2)
    carol.tell({ kind: 'leave' })
    await carol.endOfItself()
    assert.equal(await carol.ended, 0)
  })

  it('fails whoever waits, with the reason it gives', async () => {
    const carol = start()
    carol.tell({ kind: 'fail' })
    await assert.rejects(carol.next('said', 'speak'), new Error('Carol did not speak: it was told to'))
  })

  it('fails whoever waits when it throws, with what it threw', async () => {
    const carol = start()
    carol.tell({ kind: 'throw' })
    await assert.rejects(carol.endOfItself(), /^Error: Carol ended badly: [\s\S]*thrown in the child/)
    await assert.rejects(carol.next('said', 'speak'), /Carol did not speak: [\s\S]*thrown in the child/)
  })

  it('fails whoever waits when it is killed', async () => {
    const carol = start()
    const waiting = assert.rejects(
      carol.next('said', 'speak'),
      new Error('Carol did not speak: the process has ended (SIGKILL)')
    )
    await carol.kill()
    await waiting
    assert.equal(await carol.ended, 'SIGKILL')
  })

  it('fails whoever waits when it says nothing for too long', async () => {
    const carol = start(50)
    carol.tell({ kind: 'stay-silent' })
    await assert.rejects(
      carol.next('said', 'speak'),
      new Error('Carol did not speak: no news for 0.05 seconds')
    )
  })

  it('does not outlive the end of all', async () => {
    const [carol, dave] = [start(), start()]
    await killAll()
    assert.deepEqual(await Promise.all([carol.ended, dave.ended]), ['SIGKILL', 'SIGKILL'])
  })
})
