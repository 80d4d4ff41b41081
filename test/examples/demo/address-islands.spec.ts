import assert from 'node:assert/strict'
import { createAddressIslands } from '../../../examples/demo/address-islands.js'
import { homeOf, INHABITANTS, type Islander } from '../../../examples/demo/islands.js'

/** Somebody who writes down whom they dial. */
class Person implements Islander {
  readonly name: string
  readonly dialled: string[] = []
  readonly story: string[] = []
  addresses: readonly string[]
  isUp = true

  constructor(name: string, listens: boolean) {
    this.name = name
    this.addresses = listens ? [name] : []
  }

  dial(address: string): void {
    this.dialled.push(address)
  }

  close(): Promise<void> {
    this.story.push('closed')
    return Promise.resolve()
  }

  start(): Promise<void> {
    this.story.push('started')
    return Promise.resolve()
  }
}

describe('islands of addresses', () => {
  const islands = createAddressIslands('test', 'No namespaces here')
  const [alice, bob, carol] = [new Person('Alice', false), new Person('Bob', true), new Person('Carol', true)]
  const [dora, emil] = [new Person('Dora', false), new Person('Emil', true)]

  it('say why they are what they are', () => {
    assert.match(islands.account, /^No namespaces here, so /)
    for (const [island, people] of Object.entries(INHABITANTS))
      for (const name of people) assert.equal(homeOf(name), island)
  })

  it('let nobody search, and those who write across the water listen nowhere', () => {
    const nowhere = { name: 'test', lan: false, listen: [] }
    assert.deepEqual(islands.placeOf('Alice'), { prefix: [], settings: nowhere })
    assert.deepEqual(islands.placeOf('Dora').settings, nowhere)
    assert.deepEqual(islands.placeOf('Bob').settings.listen, ['/ip4/127.0.0.1/tcp/0'])
  })

  it('link whoever arrives to everybody on the island, whichever of two listens, and to nobody else', () => {
    for (const person of [alice, bob, carol, dora, emil]) islands.arrive(person)
    assert.deepEqual(alice.dialled, ['Bob', 'Carol'])
    assert.deepEqual([bob.dialled, carol.dialled], [[], ['Bob']])
    assert.deepEqual([dora.dialled, emil.dialled], [['Emil'], []])
  })

  it('link who walks over to those on the other island', async () => {
    bob.isUp = false
    emil.dialled.length = 0
    dora.dialled.length = 0
    carol.dialled.length = 0
    await islands.walk(carol, 'Hooge')
    assert.equal(islands.islandOf('Carol'), 'Hooge')
    assert.deepEqual(carol.story, ['closed', 'started'])
    assert.deepEqual([dora.dialled, carol.dialled], [['Carol'], ['Emil']])
  })

  it('leave out who is dead', () => {
    alice.dialled.length = 0
    islands.arrive(alice)
    assert.deepEqual(alice.dialled, [])
  })

  it('become one when Emil dials Bob', () => {
    islands.join()
    assert.deepEqual(emil.dialled, ['Bob'])
  })
})
