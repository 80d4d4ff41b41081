import assert from 'node:assert/strict'
import { isLoopback } from '../../src/cli/loopback.js'

describe('cli/loopback', () => {
  it('knows what leads back to this device', () => {
    for (const ip of ['127.0.0.1', '127.9.9.9', '::1']) assert.ok(isLoopback(ip), ip)
    for (const ip of ['10.127.0.1', '192.168.1.2', '12.7.0.1', 'fe80::1', '::'])
      assert.ok(!isLoopback(ip), ip)
  })
})
