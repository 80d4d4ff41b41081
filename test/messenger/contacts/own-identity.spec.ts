import assert from 'node:assert/strict'
import {
  dropExpiredInvites,
  makeCard,
  renameOwn,
  rotateIfDue,
  rotatePrekeys
} from '../../../src/messenger/contacts/own-identity.js'
import { decodeCard, type ContactCard } from '../../../src/protocol/identity/card.js'
import { decodeCardLink } from '../../../src/protocol/identity/card-link.js'
import {
  DAY_MS,
  MAX_CARD_LIFETIME,
  MAX_LIFETIME_DAYS,
  MAX_OPEN_INVITES
} from '../../../src/protocol/limits.js'
import { ownRecord, prekeysRecord } from '../../../src/storage/records/own-record.js'
import { createBench, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/own-identity', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice')
  })

  function read(link: string): ContactCard {
    const bytes = decodeCardLink(link)
    assert.ok(bytes !== undefined)
    const decoded = decodeCard(bytes, bench.clock.now())
    assert.ok(decoded.kind === 'decoded')
    return decoded.card
  }

  it('makes cards with an invite each, and reusable ones without', async () => {
    const [one, other] = [await makeCard(alice.context), await makeCard(alice.context, { size: 'full' })]
    assert.equal(alice.context.invites.size, 2)
    assert.notDeepEqual(read(one).invite?.secret, read(other).invite?.secret)
    assert.deepEqual([read(one).bundle, read(one).name], [undefined, 'alice'])
    assert.deepEqual(read(other).bundle?.signingKey, read(other).signingKey)
    assert.equal(read(await makeCard(alice.context, { reusable: true })).invite, undefined)
    assert.equal(alice.context.invites.size, 2)
  })

  it('gives its addresses unless asked not to, and no peer id with them', async () => {
    const { network } = alice.context
    network.addresses = () => ['/ip4/10.0.0.1/tcp/4001/p2p/12D3Koo', '/ip4/10.0.0.1/tcp/4002/ws/p2p/12D3Koo']
    assert.deepEqual(read(await makeCard(alice.context)).addresses, ['/ip4/10.0.0.1/tcp/4001'])
    assert.equal(read(await makeCard(alice.context, { size: 'full' })).addresses.length, 2)
    assert.deepEqual(read(await makeCard(alice.context, { addresses: false })).addresses, [])
  })

  it('names its node where only a relay can be asked for it, and leaves room for that on a short card', async () => {
    const { network } = alice.context
    const relayed = '/ip4/203.0.113.7/tcp/4001/p2p/12D3KooR/p2p-circuit/p2p/12D3Koo'
    network.addresses = () => ['/ip4/10.0.0.1/tcp/1/p2p/12D3Koo', '/ip4/10.0.0.2/tcp/1/p2p/12D3Koo', relayed]
    assert.deepEqual(read(await makeCard(alice.context)).addresses, ['/ip4/10.0.0.1/tcp/1', relayed])
  })

  it('has a bound on cards that are out, which expired ones leave', async function () {
    this.timeout(20_000)
    for (let n = 0; n < MAX_OPEN_INVITES; n++) await makeCard(alice.context, { lifetime: DAY_MS })
    await assert.rejects(makeCard(alice.context), { code: 'OPTIONS_INVALID' })
    await makeCard(alice.context, { reusable: true })
    await bench.clock.advance((MAX_LIFETIME_DAYS + 2) * DAY_MS)
    await makeCard(alice.context)
    assert.equal(alice.context.invites.size, 1)
  })

  it('has it for cards that are asked for at once, and gives back what could not be stored', async () => {
    const { context } = alice
    const commit = context.store.commit.bind(context.store)
    const size = context.tags.size
    context.store.commit = () => Promise.reject(new Error('no disk'))
    await assert.rejects(makeCard(context), /no disk/)
    assert.deepEqual([context.invites.size, context.tags.size], [0, size])
    context.store.commit = commit
    const asked = Array.from({ length: MAX_OPEN_INVITES + 1 }, () => makeCard(context))
    const made = await Promise.allSettled(asked)
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, MAX_OPEN_INVITES)
    await assert.rejects(Promise.all(asked), { code: 'OPTIONS_INVALID' })
  })

  it('honours an invite a while longer than its card says, and then forgets its keys', async () => {
    await makeCard(alice.context)
    const { size } = alice.context.tags
    await bench.clock.advance(MAX_CARD_LIFETIME + (MAX_LIFETIME_DAYS - 1) * DAY_MS)
    await dropExpiredInvites(alice.context)
    assert.equal(alice.context.invites.size, 1)
    await bench.clock.advance(2 * DAY_MS)
    await dropExpiredInvites(alice.context)
    assert.equal(alice.context.invites.size, 0)
    assert.ok(alice.context.tags.size < size)
    for await (const [key] of alice.context.store.range({ gte: 'invite/', lt: 'invite0' })) assert.fail(key)
  })

  it('stores fresh prekeys before it uses them, and issues one bundle however many ask at once', async () => {
    const before = alice.context.own.prekeys
    await Promise.all([
      rotatePrekeys(alice.context),
      rotatePrekeys(alice.context),
      rotatePrekeys(alice.context)
    ])
    const { prekeys } = alice.context.own
    assert.equal(prekeys.issued.length, before.issued.length + 1)
    assert.ok(prekeys.seq > before.seq)
    const stored = await alice.context.store.get(alice.context.tables.prekeys)
    assert.deepEqual(stored === undefined ? undefined : prekeysRecord.decode(stored), prekeys)
    await rotateIfDue(alice.context)
    assert.equal(alice.context.own.prekeys, prekeys, 'not due in the same week')
  })

  it('keeps the prekeys it has when fresh ones cannot be stored', async () => {
    const before = alice.context.own.prekeys
    const { store } = alice.context
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new Error('no disk'))
    await assert.rejects(rotatePrekeys(alice.context), /no disk/)
    assert.equal(alice.context.own.prekeys, before)
    store.commit = commit
    await rotatePrekeys(alice.context)
    assert.notEqual(alice.context.own.prekeys, before)
  })

  it('keeps a new name', async () => {
    await renameOwn(alice.context, '  Alice of the dyke ')
    const stored = await alice.context.store.get(alice.context.tables.own)
    assert.equal(stored === undefined ? undefined : ownRecord.decode(stored).name, 'Alice of the dyke')
    await assert.rejects(renameOwn(alice.context, 'x'.repeat(65)), { code: 'OPTIONS_INVALID' })
    assert.equal(alice.context.own.record.name, 'Alice of the dyke')
  })
})
