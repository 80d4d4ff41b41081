import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { inviteMask, inviteTag, inviteTags } from '../../../src/protocol/handshake/invite.js'
import { MAX_INVITED_HELLOS } from '../../../src/protocol/limits.js'
import { hexOf } from '../../support/protocol-endpoint.js'
import { seeded } from '../../support/protocol-values.js'

const secret = seeded(1)(32)

describe('protocol/handshake/invite', () => {
  it('derives tags and masks as the specification of Hallig says', () => {
    const count = Uint8Array.of(0, 0, 1, 2)
    const tag = createHmac('sha256', secret).update('hallig/1/invite/tag').update(count).digest()
    const mask = createHmac('sha512', secret).update('hallig/1/invite/mask').update(count).digest()
    assert.deepEqual(inviteTag(secret, 0x102), Uint8Array.from(tag.subarray(0, 16)))
    assert.deepEqual(inviteMask(secret, 0x102, 36), Uint8Array.from(mask.subarray(0, 36)))
  })

  it('knows all tags of an invite beforehand, each another', () => {
    const tags = inviteTags(secret)
    assert.equal(new Set(tags.map(hexOf)).size, MAX_INVITED_HELLOS)
    assert.deepEqual(tags[3], inviteTag(secret, 3))
  })

  it('gives every hello and every invite another mask', () => {
    const masks = [0, 1, 2].flatMap((count) => [
      inviteMask(secret, count, 36),
      inviteMask(seeded(2)(32), count, 36)
    ])
    assert.equal(new Set(masks.map(hexOf)).size, 6)
  })
})
