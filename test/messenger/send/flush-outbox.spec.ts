import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/errors.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import { countOf } from '../../support/messenger-count.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/flush-outbox', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let statuses: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
    statuses = []
    alice.context.events.addEventListener('message:update', ({ detail }) => statuses.push(detail.status))
    alice.published.length = 0
  })

  async function say(text: string, lifetime?: number): Promise<void> {
    const { id } = onlyState(alice.context).conversation
    await bench.run(sendMessage(alice.context, id, text, lifetime === undefined ? {} : { lifetime }))
  }

  it('publishes what the store holds, byte for byte, however often', async () => {
    bench.hub.cut('bob', 'alice')
    await say('once sealed')
    await bench.clock.advance(14_000)
    const { contact, conversation } = onlyState(alice.context)
    const stored = await alice.context.store.get(
      alice.context.tables.outbox(contact.id, conversation.nextNumber - 1)
    )
    assert.ok(stored !== undefined)
    assert.ok(alice.published.length >= 2)
    for (const envelope of alice.published) assert.deepEqual(envelope, outboxRecord.decode(stored).envelope)
  })

  it('says nothing of what nobody has said to hold, and delivered once', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    await say('to nobody')
    await bench.clock.advance(60_000)
    assert.deepEqual(statuses, [])
    bench.hub.heal()
    await bench.until(() => statuses.includes('delivered'))
    assert.deepEqual(statuses, ['delivered'])
  })

  it('tries again what the network refused', async () => {
    const { network } = alice.context
    const publish = network.publish.bind(network)
    network.publish = () => Promise.reject(new MessengerError('NETWORK_FAILED', 'too much waits'))
    await say('refused')
    await bench.clock.advance(3_000)
    assert.deepEqual(statuses, [])
    network.publish = publish
    await bench.until(() => statuses.includes('delivered'), 5_000)
    assert.equal(bob.context.outbox.size, 0)
  })

  it('goes on after something that nobody expects to throw has thrown, such as a clock of the app', async () => {
    const { outbox } = alice.context
    const published = outbox.published.bind(outbox)
    let thrown = 0
    outbox.published = () => {
      thrown++
      outbox.published = published
      throw new Error('no time')
    }
    await say('all the same')
    await bench.until(() => statuses.includes('delivered'))
    assert.equal(thrown, 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('no time')))
    await say('after that')
    await bench.until(() => statuses.filter((status) => status === 'delivered').length === 2)
  })

  it('gives up what has expired, and says so', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    await say('brief', 1_000)
    await say('lasting', 10 * DAY_MS)
    await bench.clock.advance(2 * DAY_MS)
    assert.deepEqual(statuses, ['expired'])
    assert.deepEqual([...alice.context.outbox.all()].length, 1)
    const { contact } = onlyState(alice.context)
    const records = await countOf(alice.context.store.range({ gte: 'outbox/', lt: 'outbox0' }))
    assert.equal(records, alice.context.outbox.of(contact.id).size)
  })
})
