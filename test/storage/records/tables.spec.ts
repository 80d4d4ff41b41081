import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'
import { keysUnder, parseSkippedKey, Tables } from '../../../src/storage/records/tables.js'
import { bytesOf, u64 } from '../../support/messenger-records.js'

const alice = encodeIdentityId(new Uint8Array(20).fill(1))
const bob = encodeIdentityId(new Uint8Array(20).fill(2))

describe('storage/records/tables', () => {
  const blinded: string[] = []
  const tables = new Tables((label, id) => {
    blinded.push(`${label} ${id}`)
    return `blind-${String(blinded.indexOf(`${label} ${id}`))}`
  })

  it('names no contact, no invite and no other person in a key', () => {
    const secret = new Uint8Array(32).fill(9)
    const keys = [
      tables.contact(alice),
      tables.conversation(alice),
      tables.forgotten(alice),
      tables.messages(alice),
      tables.outboxOf(alice),
      tables.sessions(alice),
      tables.skippedOf(alice),
      tables.invite(secret)
    ]
    for (const key of keys) {
      assert.match(key, /\/blind-\d/)
      assert.ok(!key.includes(alice) && !key.includes('0909'))
    }
    assert.equal(new Set(keys).size, keys.length)
    assert.equal(blinded.filter((name) => name.endsWith(alice)).length, 1, 'a name used often costs one hash')
  })

  it('keeps what belongs to one contact under a prefix of its own', async () => {
    const store = createMemoryStore()
    const keys = [alice, bob].flatMap((id) => [
      tables.message(id, 'a'),
      tables.message(id, '~'),
      tables.message(id, 'zz')
    ])
    await store.commit(keys.map((key) => ({ type: 'put', key, value: new Uint8Array(0) })))
    const found: string[] = []
    for await (const [key] of store.range(keysUnder(tables.messages(alice)))) found.push(key)
    // Positions are hexadecimal digits: nothing in them sorts as high as a tilde.
    assert.deepEqual(found, [tables.message(alice, 'a'), tables.message(alice, 'zz')])
  })

  it('sorts numbers and days as text', () => {
    fc.assert(
      fc.property(u64, u64, (one, other) => {
        assert.equal(tables.outbox(alice, one) < tables.outbox(alice, other), one < other)
      })
    )
    fc.assert(
      fc.property(fc.nat(65_535), fc.nat(65_535), (one, other) => {
        assert.equal(tables.seenOn(one, '') < tables.seenOn(other, ''), one < other)
      })
    )
  })

  it('finds session and tag in the key of a skipped key', () => {
    fc.assert(
      fc.property(bytesOf(32), bytesOf(16), (sessionId, tag) => {
        const place = parseSkippedKey(tables.skipped(alice, sessionId, tag))
        assert.equal(place?.sessionId, Buffer.from(sessionId).toString('hex'))
        assert.equal(place.tag, Buffer.from(tag).toString('hex'))
      })
    )
    for (const key of ['', 'skipped', 'skipped/a/b', 'skipped/a/b/c/d'])
      assert.equal(parseSkippedKey(key), undefined)
  })
})
