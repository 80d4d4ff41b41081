import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, MessengerProcess } from '../support/messenger-processes.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

/** How a copy of a directory is put back. */
const RESTORES: Readonly<Record<string, (copy: string, path: string) => Promise<void>>> = {
  'in place of the directory': async (copy, path) => {
    await rm(path, { recursive: true })
    await cp(copy, path, { recursive: true, preserveTimestamps: true })
  },
  'over the files that are there': async (copy, path) => {
    await cp(copy, path, { recursive: true, preserveTimestamps: true, force: true })
  }
}

describe('the directory of a store', function () {
  this.timeout(120_000)

  let directory: TemporaryDirectory
  let ports: { readonly alice: number; readonly bob: number }
  let networkName: string
  let running: MessengerProcess[]

  beforeEach(async () => {
    directory = await temporaryDirectory()
    ports = { alice: await freePort(), bob: await freePort() }
    networkName = `t-${randomUUID().slice(0, 24)}`
    running = []
  })

  afterEach(async () => {
    for (const child of running) await child.kill()
    await directory.remove()
  })

  async function start(name: 'alice' | 'bob'): Promise<MessengerProcess> {
    const other = name === 'alice' ? 'bob' : 'alice'
    const args = [join(directory.path, name), networkName, String(ports[name])]
    const child = new MessengerProcess(name, [...args, `/ip4/127.0.0.1/tcp/${String(ports[other])}`])
    running.push(child)
    await child.until('opened', () => child.opened !== undefined || child.failed !== undefined)
    assert.equal(child.failed, undefined)
    return child
  }

  async function close(child: MessengerProcess): Promise<void> {
    assert.equal(await child.ask('close'), 'closed')
    await child.ended
  }

  /** Say something, and wait until everything said is acknowledged. */
  async function say(child: MessengerProcess, text: string): Promise<void> {
    await child.ask('say', [text])
    for (let waited = 0; waited < 60_000; waited += 50) {
      if (factsOf(await child.ask('summary'))['waiting'] === 0) return
      await delay(50)
    }
    assert.fail(`${text} was never acknowledged`)
  }

  async function renewalOf(child: MessengerProcess): Promise<unknown> {
    return factsOf(await child.ask('status'))['renewal']
  }

  async function meet(): Promise<readonly [MessengerProcess, MessengerProcess]> {
    const [alice, bob] = [await start('alice'), await start('bob')]
    await bob.ask('add', [String(await alice.ask('card'))])
    while ((await alice.ask('knows', [bob.opened?.id ?? ''])) !== true) await delay(20)
    await say(bob, 'hello')
    await say(alice, 'hello')
    return [alice, bob]
  }

  for (const [how, restore] of Object.entries(RESTORES)) {
    it(`that is put back ${how} is noticed, and the conversation goes on`, async () => {
      const [alice, first] = await meet()
      await close(first)
      const [path, copy] = [join(directory.path, 'bob'), join(directory.path, 'copy')]
      await cp(path, copy, { recursive: true, preserveTimestamps: true })
      const second = await start('bob')
      assert.equal(await renewalOf(second), undefined, 'what was only copied from is the same')
      for (let n = 0; n < 3; n++) {
        await say(second, `lost ${String(n)}`)
        await say(alice, `also lost ${String(n)}`)
      }
      await close(second)
      await restore(copy, path)
      const third = await start('bob')
      assert.equal(factsOf(await renewalOf(third))['reason'], 'copied')
      await say(alice, 'is all well?')
      await say(third, 'I lost some')
      const [hers, his] = [factsOf(await alice.ask('summary')), factsOf(await third.ask('summary'))]
      // She has all that he said, before and after.
      assert.deepEqual([hers['theirs'], hers['own']], [5, 5])
      // He has what is in the copy, and what came since; files of later days may hold more.
      const kept = how === 'in place of the directory' ? 2 : Number(his['own'])
      assert.equal(his['own'], kept)
      assert.ok(kept >= 2 && kept <= 5)
      // What she wrote meanwhile may come again: her node keeps it for whoever has not let it go.
      assert.ok(Number(his['theirs']) >= kept && Number(his['theirs']) <= 5)
      await close(third)
      const fourth = await start('bob')
      assert.equal(factsOf(await fourth.ask('status'))['contested'], false)
      await say(fourth, 'and again')
    })
  }

  it('that is renamed, or that a killed process leaves, is the same', async () => {
    const [, first] = await meet()
    await first.kill()
    const path = join(directory.path, 'bob')
    await rename(path, `${path}-moved`)
    await rename(`${path}-moved`, path)
    const second = await start('bob')
    assert.equal(await renewalOf(second), undefined)
    await say(second, 'still me')
  })
})

function factsOf(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null)
  return { ...value }
}
