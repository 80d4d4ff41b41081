import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createCableIslands } from '../../../examples/demo/cable-islands.js'
import type { Islander, Islands } from '../../../examples/demo/islands.js'
import { canMakeNamespaces } from '../../support/network-namespaces.js'

const SOCKET = "const socket = require('dgram').createSocket('udp4');"
/** Sends a datagram to everybody on the subnet again and again. */
const CALL = `${SOCKET} socket.bind(() => { socket.setBroadcast(true); setInterval(() => socket.send('hello', 4253, '10.77.0.255'), 5) })`
/** Says when it listens, and how many datagrams have come. */
const LISTEN = `${SOCKET} let count = 0; socket.on('message', () => process.send(++count)); socket.bind(4253, () => process.send(count))`
/** Datagrams after which somebody who could hear the caller would have. */
const ENOUGH = 20

const carol: Islander = {
  name: 'Carol',
  isUp: true,
  addresses: [],
  dial: () => undefined,
  start: () => Promise.resolve(),
  close: () => Promise.resolve()
}

describe('islands of cables (needs root and network namespaces)', function () {
  this.timeout(60_000)
  let islands: Islands
  const processes = new Set<ChildProcess>()

  before(function () {
    if (!canMakeNamespaces()) this.skip()
  })

  beforeEach(() => {
    islands = createCableIslands(`test-${process.pid}`)
  })

  afterEach(async () => {
    await killAll()
    islands.remove()
  })

  async function killAll(): Promise<void> {
    const running = [...processes]
    processes.clear()
    for (const child of running) child.kill('SIGKILL')
    await Promise.all(running.map((child) => once(child, 'close')))
  }

  function start(person: string, script: string): ChildProcess {
    const [program = '', ...words] = islands.placeOf(person).prefix
    const child = spawn(program, [...words, process.execPath, '-e', script], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc']
    })
    processes.add(child)
    return child
  }

  /** Who of the listeners has heard a caller by the time that the first of them has heard enough. */
  async function hearers(caller: string, first: string, ...others: readonly string[]): Promise<string[]> {
    const counts = new Map<string, number>()
    const enough = new Promise<void>((resolve) => {
      counts.set(first, 0)
      for (const person of others) counts.set(person, 0)
      for (const person of counts.keys()) {
        start(person, LISTEN).on('message', (count: number) => {
          counts.set(person, count)
          if (person === first && count >= ENOUGH) resolve()
        })
      }
    })
    await Promise.all([...processes].map((ear) => once(ear, 'message')))
    start(caller, CALL)
    await enough
    await killAll()
    return [...counts].filter(([, count]) => count > 0).map(([person]) => person)
  }

  it('let each hear the own island only, until somebody walks over, and until they are joined', async () => {
    assert.deepEqual(await hearers('Alice', 'Bob', 'Carol', 'Dora', 'Emil'), ['Bob', 'Carol'])
    assert.match(await islands.walk(carol, 'Hooge'), /10\.77\.0\.13.*Hooge \(10\.77\.0\.17\)/)
    assert.equal(islands.islandOf('Carol'), 'Hooge')
    assert.deepEqual(await hearers('Dora', 'Carol', 'Emil', 'Alice'), ['Carol', 'Emil'])
    islands.join()
    assert.deepEqual(await hearers('Alice', 'Bob', 'Dora'), ['Bob', 'Dora'])
  })

  it('leave no namespace behind', () => {
    const [, , , name = ''] = islands.placeOf('Alice').prefix
    const list = (): string => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    assert.ok(list().includes(name))
    islands.remove()
    assert.ok(!list().includes(name.replace(/-[a-z]+$/, '')))
  })
})
