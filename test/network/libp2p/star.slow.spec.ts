import assert from 'node:assert/strict'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import { TOPIC, createTestNetwork } from '../../support/network-libp2p.js'
import { createRecorder, numbered, numberOf, type Recorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const LEAVES = 60
const MESSAGES = 20
const LIMIT_MS = 150_000

interface Node extends Recorder {
  readonly network: Libp2pNetwork
}

describe('many nodes around one', function () {
  this.timeout(2 * LIMIT_MS)
  let nodes: Node[]

  beforeEach(() => {
    nodes = []
  })
  afterEach(async () => {
    await Promise.all(nodes.map(({ network }) => network.stop()))
  })

  async function open(bootstrap: readonly string[] = []): Promise<Node> {
    const node = Object.assign(createRecorder(), { network: createTestNetwork({ bootstrap }) })
    nodes.push(node)
    node.network.join(TOPIC)
    await node.network.start(node.handlers)
    return node
  }

  it(`are linked though ${String(LEAVES)} start at once behind one address, and every message reaches all`, async () => {
    const hub = await open()
    const began = performance.now()
    const leaves = await Promise.all(
      Array.from({ length: LEAVES }, () => open(hub.network.addresses().slice(0, 1)))
    )
    await waitFor('all to be linked', () => hub.joins.length >= LEAVES, LIMIT_MS)
    await waitFor('all to know', () => leaves.every(({ joins }) => joins.length > 0), LIMIT_MS)
    const linked = performance.now() - began
    for (const [n, leaf] of leaves.slice(0, MESSAGES).entries())
      await leaf.network.publish(TOPIC, numbered(n))
    const isWhole = (node: Node, own: number): boolean =>
      new Set(node.envelopes.map(numberOf)).size === MESSAGES - (own < MESSAGES ? 1 : 0)
    await waitFor('everything to reach all', () => leaves.every(isWhole), LIMIT_MS)
    const seconds = (ms: number): string => (ms / 1_000).toFixed(1)
    const all = performance.now() - began
    process.stdout.write(
      `      all linked after ${seconds(linked)} s, everything everywhere after ${seconds(all)} s\n`
    )
    assert.ok(leaves.every((leaf) => leaf.network.peers().length === 1))
  })
})
