import assert from 'node:assert/strict'
import { hostOf, isPublicUnicast, reachOf } from '../../../src/network/libp2p/ip.js'

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

  it('takes the addresses of one public IPv6 prefix of 64 bits for one host, and no others', () => {
    const same = ['2001:db8::1', '2001:DB8::ffff:1', '2001:db8:0:0:1:2:3:4', '2001:db8:0::9']
    assert.deepEqual(new Set(same.map(hostOf)), new Set(['2001:db8:0:0::/64']))
    assert.notEqual(hostOf('2001:db8:0:1::1'), hostOf('2001:db8::1'))
    assert.equal(hostOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
    assert.equal(hostOf('2001:db8:1:2:3:4:5::'), '2001:db8:1:2::/64')
    // Neighbours share a prefix, and a translated address is an IPv4 address.
    for (const ip of ['fe80::1', 'fd00::1', '::1', '::ffff:8.8.8.8', '8.8.8.8', '10.0.0.1'])
      assert.equal(hostOf(ip), ip)
    assert.equal(hostOf(undefined), '')
  })

  it('knows which addresses are one host on the internet', () => {
    for (const ip of ['8.8.8.8', '223.255.255.255', '2001:db8::1', '3FFF::1'])
      assert.ok(isPublicUnicast(ip), ip)
    for (const ip of [
      '',
      '10.0.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::ffff:8.8.8.8',
      '::ffff:a00:1',
      '64:ff9b::a00:1',
      'ff02::1',
      'fe80::1',
      '::1'
    ])
      assert.ok(!isPublicUnicast(ip), ip)
  })
})
