import assert from 'node:assert/strict'
import { lookAtNetwork } from '../../../src/cli/doctor/network.js'
import type { MessengerStatus } from '../../../src/index.js'
import { FakeMessenger } from '../fake-messenger.js'

const LAN = {
  multicast: true,
  interfaces: ['10.0.0.1', '127.0.0.1'],
  echoed: ['10.0.0.1', '127.0.0.1'],
  sightings: 0
}

async function states(facts: Partial<MessengerStatus>): Promise<Record<string, string>> {
  const messenger = new FakeMessenger()
  messenger.statusFacts = facts
  const findings = lookAtNetwork(await messenger.status())
  return Object.fromEntries(findings.map(({ what, state, sentence }) => [what, `${state}: ${sentence}`]))
}

describe('the doctor at the network', () => {
  it('finds everything in order on a LAN', async () => {
    const said = await states({
      addresses: ['/ip4/10.0.0.1/tcp/41', '/ip4/127.0.0.1/tcp/41', '/ip4/10.0.0.1/tcp/42/ws/p2p/x'],
      lan: LAN
    })
    assert.deepEqual(Object.keys(said), ['Ports', 'Interfaces', 'Multicast', 'Others'])
    for (const what of Object.values(said)) assert.match(what, /^ok/)
    assert.match(said['Ports'] ?? '', /TCP port 41, WebSocket port 42\.$/)
    assert.match(said['Interfaces'] ?? '', /10\.0\.0\.1\.$/)
  })

  it('says what to do where there is no network', async () => {
    const said = await states({ lan: { ...LAN, interfaces: ['127.0.0.1'] } })
    assert.match(said['Interfaces'] ?? '', /^warning: .*hotspot/)
    assert.match(said['Ports'] ?? '', /^warning/)
  })

  it('claims nothing of others where only this device hears itself', async () => {
    const said = await states({
      addresses: ['/ip4/127.0.0.1/tcp/41', '/ip6/::1/tcp/42'],
      lan: { ...LAN, interfaces: ['127.0.0.1'], echoed: ['127.0.0.1'] }
    })
    assert.match(said['Ports'] ?? '', /as soon as it is on a network, here on TCP port 41, TCP port 42\.$/)
    assert.match(said['Multicast'] ?? '', /look again when it is on a network/)
  })

  it('does not take the port of a relay for one of this device', async () => {
    const relayed = '/ip4/203.0.113.7/tcp/43/p2p/R/p2p-circuit/p2p/x'
    const said = await states({ addresses: ['/ip4/10.0.0.1/tcp/41', relayed], lan: LAN })
    assert.match(said['Ports'] ?? '', /^ok: .*, here on TCP port 41, and through 1 relay\.$/)
    assert.match((await states({ addresses: [relayed] }))['Ports'] ?? '', /^ok: .*device, through 1 relay\.$/)
  })

  it('names the interface on which calls do not come through', async () => {
    const said = await states({ lan: { ...LAN, echoed: ['127.0.0.1'], lastError: 'EPERM\u001b' } })
    assert.match(said['Multicast'] ?? '', /^warning: .*on 10\.0\.0\.1 \(EPERM\)\. A firewall\?/)
  })

  it('tells nodes that are heard from nodes that answer', async () => {
    assert.match((await states({ lan: { ...LAN, sightings: 2 } }))['Others'] ?? '', /^warning: 2 other nodes/)
    const peers = [{ peer: 'p', address: 'a', direction: 'inbound', since: 0, takesPart: true }] as const
    assert.match((await states({ lan: LAN, peers }))['Others'] ?? '', /^ok: 1 other node answered/)
  })

  it('reports where nobody is looked for', async () => {
    assert.match((await states({}))['Multicast'] ?? '', /^warning: .*--no-lan/)
  })
})
