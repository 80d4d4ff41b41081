import assert from 'node:assert/strict'
import { inviteMask, inviteTag, inviteTags } from '../../src/protocol/handshake/invite.js'
import { chainTag, chainTags, headerKeys } from '../../src/protocol/ratchet/kdf.js'
import { seeded } from '../support/protocol-values.js'
import { toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

const NUMBERS = [0, 1, 2, 3, 4, 63, 64, 255, 1_999, 0xffff_ffff]
const COUNTS = [0, 1, 62, 63]
const ROUTE_BYTES = 36

const random = seeded(0x7a)
const [headerKey, invite] = [random(32), random(32)]

function chainCase(name: string, key: Uint8Array): FrozenCase {
  const { header, tag } = headerKeys(key)
  const tags = NUMBERS.map((number) => toHex(chainTag(tag, number)))
  return {
    name,
    headerKey: toHex(key),
    header: toHex(header),
    tagKey: toHex(tag),
    numbers: NUMBERS.join(' '),
    tags
  }
}

function inviteCase(name: string, secret: Uint8Array): FrozenCase {
  return {
    name,
    invite: toHex(secret),
    numbers: COUNTS.join(' '),
    tags: COUNTS.map((count) => toHex(inviteTag(secret, count))),
    masks: COUNTS.map((count) => toHex(inviteMask(secret, count, ROUTE_BYTES)))
  }
}

/** Tags of chains and of invites. */
export const frozenTags: FrozenFile = {
  name: 'tags',
  generate: () => [
    chainCase('a chain', headerKey),
    chainCase('a chain of zeros', new Uint8Array(32)),
    inviteCase('an invite', invite)
  ],
  consume(vector) {
    const numbers = vector.text('numbers').split(' ').map(Number)
    const known = new Map<number, string>()
    if (vector.has('invite')) {
      for (const [count, tag] of inviteTags(vector.bytes('invite')).entries()) known.set(count, toHex(tag))
    } else {
      const { header, tag } = headerKeys(vector.bytes('headerKey'))
      assert.deepEqual([header, tag], [vector.bytes('header'), vector.bytes('tagKey')])
      // As a recipient computes them, a window at once; the last number is beyond any window.
      for (const [number, one] of chainTags(tag, 0, 2_000).entries()) known.set(number, toHex(one))
      known.set(0xffff_ffff, toHex(chainTag(tag, 0xffff_ffff)))
    }
    assert.deepEqual(
      numbers.map((number) => known.get(number)),
      vector.texts('tags')
    )
  }
}
