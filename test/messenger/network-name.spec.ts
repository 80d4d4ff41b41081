import assert from 'node:assert/strict'
import { checkNetworkName, DEFAULT_NETWORK_NAME } from '../../src/messenger/network-name.js'

describe('messenger/network-name', () => {
  it('takes names that fit a topic and a beacon', () => {
    for (const name of [DEFAULT_NETWORK_NAME, 'a', 'storm-2027', 'x'.repeat(32)])
      assert.equal(checkNetworkName(name), name)
  })

  it('refuses what would end up in another topic, or is too long', () => {
    for (const name of ['', 'a/b', 'Main', 'ö', 'x'.repeat(33), '../main', 'a b']) {
      assert.throws(() => checkNetworkName(name), { code: 'OPTIONS_INVALID' })
    }
  })
})
