import assert from 'node:assert/strict'
import { reachOf } from '../../../src/network/libp2p/ip.js'

describe('network/libp2p/ip', () => {
  it('knows how far an address reaches', () => {
    const reaches = {
      loopback: ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'],
      'link-local': ['169.254.0.1', 'fe80::1', 'febf::1'],
      private: [
        '10.0.0.1',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.0.1',
        '100.64.0.1',
        'fd00::2',
        'FC00::1',
        '::ffff:10.0.0.1'
      ],
      public: [
        '8.8.8.8',
        '172.32.0.1',
        '192.169.0.1',
        '100.128.0.1',
        '2001:db8::1',
        '::ffff:8.8.8.8',
        'fec0::1'
      ]
    }
    for (const [reach, addresses] of Object.entries(reaches)) {
      for (const address of addresses) assert.equal(reachOf(address), reach, address)
    }
  })
})
