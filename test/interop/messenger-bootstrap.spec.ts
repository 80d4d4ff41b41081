import { join } from 'node:path'
import { freePort, MessengerProcess } from '../support/messenger-processes.js'
import { settled, statusOf } from '../support/messenger-village.js'
import { waitFor } from '../support/network-wait.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

/** Messages each way before and after. */
const FEW = 20
/** Milliseconds for each step on a busy machine. */
const LIMIT_MS = 60_000

describe('two people who met at a bootstrap node', function () {
  this.timeout(4 * LIMIT_MS)
  let directory: TemporaryDirectory
  let running: MessengerProcess[] = []

  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(async () => {
    await Promise.all(running.map((child) => child.kill()))
    running = []
    await directory.remove()
  })

  async function start(name: string, port: number, bootstrap: readonly string[]): Promise<MessengerProcess> {
    const child = new MessengerProcess(name, [
      join(directory.path, name),
      'bootstrap',
      String(port),
      ...bootstrap
    ])
    running.push(child)
    await child.until('opened', () => child.opened !== undefined, LIMIT_MS)
    return child
  }

  it('go on over the link they have to each other when that node is killed, also after a restart', async () => {
    const box = await start('box', 0, [])
    const bootstrap = box.opened?.addresses ?? []
    const [alice, port] = [await start('alice', 0, bootstrap), await freePort()]
    let bob = await start('bob', port, bootstrap)
    // Without addresses: all they have in common is the box.
    await bob.ask('add', [String(await alice.ask('card'))])
    const bobId = bob.opened?.id ?? ''
    await waitFor('alice hears of bob', async () => (await alice.ask('knows', [bobId])) === true, LIMIT_MS)
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(FEW)])))
    await settled(alice, bob, FEW, FEW, LIMIT_MS)
    await waitFor('a link between them', async () => (await statusOf(alice)).peers.length === 2, LIMIT_MS)
    await box.kill()
    await bob.kill()
    bob = await start('bob', port, bootstrap)
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(2 * FEW)])))
    await settled(alice, bob, 2 * FEW, 2 * FEW, LIMIT_MS)
  })
})
