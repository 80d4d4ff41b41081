import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import { MAX_CONNECTIONS } from '../../../src/network/limits.js'
import { createTestNetwork } from '../../support/network-libp2p.js'
import { createRawPeer } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const LIMIT_MS = 30_000
/** Nobody listens there: the contact is known, and comes by itself. */
const NOWHERE = '/ip4/127.0.0.1/tcp/9'

describe('a node of which strangers from one host hold all places', function () {
  this.timeout(240_000)
  let node: Libp2pNetwork
  let strangers: Libp2p[]
  let others: Libp2pNetwork[]
  let own: Libp2p | undefined

  afterEach(async () => {
    for (const network of [...others, node]) await network.stop()
    for (const stranger of strangers) await stranger.stop()
    await own?.stop()
    own = undefined
  })

  async function crowd(libp2p?: Libp2p): Promise<void> {
    ;[strangers, others, own] = [[], [], libp2p]
    node = createTestNetwork({
      listen: ['/ip4/127.0.0.1/tcp/0', '/ip6/::1/tcp/0'],
      ...(libp2p === undefined ? {} : { libp2p })
    })
    await node.start(createRecorder().handlers)
    for (let n = 0; n < MAX_CONNECTIONS; n++) {
      const stranger = await createRawPeer()
      strangers.push(stranger)
      await stranger.dial(multiaddr(addressOf(4)))
    }
    await waitFor('all of them', () => node.peers().length === MAX_CONNECTIONS, LIMIT_MS)
  }

  const addressOf = (family: 4 | 6): string => {
    const found = node.addresses().find((address) => address.startsWith(`/ip${String(family)}/`))
    assert.ok(found !== undefined)
    return found
  }

  async function comer(): Promise<Libp2pNetwork> {
    const comer = createTestNetwork()
    others.push(comer)
    await comer.start(createRecorder().handlers)
    return comer
  }

  const isLinked = (peer: string | undefined): boolean => node.peers().some((linked) => linked.peer === peer)

  it('takes a contact in the place of one of them', async () => {
    await crowd()
    const contact = await comer()
    node.keep([{ id: 'contact', addresses: [`${NOWHERE}/p2p/${String(contact.peer)}`] }])
    await contact.dial(addressOf(4))
    await waitFor('the contact', () => isLinked(contact.peer), LIMIT_MS)
    await waitFor('one to go', () => node.peers().length === MAX_CONNECTIONS, LIMIT_MS)
    assert.ok(isLinked(contact.peer))
  })

  it('takes a stranger from another host, and no more from theirs', async () => {
    await crowd()
    const [other, more] = [await comer(), await comer()]
    await more.dial(addressOf(4)).catch(() => undefined)
    await other.dial(addressOf(6))
    await waitFor('the stranger from elsewhere', () => isLinked(other.peer), LIMIT_MS)
    await waitFor('one to go', () => node.peers().length === MAX_CONNECTIONS, LIMIT_MS)
    assert.ok(isLinked(other.peer))
    await waitFor('the other to be gone', () => !isLinked(more.peer), LIMIT_MS)
  })

  it('is not reached by a contact where libp2p alone bounds their number', async () => {
    const bounds = { maxConnections: MAX_CONNECTIONS, inboundConnectionThreshold: Infinity }
    await crowd(await createRawPeer({}, [], bounds))
    const contact = await comer()
    node.keep([{ id: 'contact', addresses: [`${NOWHERE}/p2p/${String(contact.peer)}`] }])
    await assert.rejects(contact.dial(addressOf(4)))
    assert.ok(!isLinked(contact.peer))
  })
})
