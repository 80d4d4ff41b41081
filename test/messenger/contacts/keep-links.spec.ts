import assert from 'node:assert/strict'
import { keepLinks } from '../../../src/messenger/contacts/keep-links.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import { createBench, friends, onlyState, step } from '../../support/messenger-bench.js'

describe('messenger/contacts/keep-links', () => {
  it('keeps up the links to contacts that are not blocked, and to no stranger, and takes their nodes for theirs', async () => {
    const bench = createBench()
    const [{ context }] = await friends(bench)
    const kept: string[][] = []
    context.network.keep = (links) => {
      kept.push(links.map(({ id }) => id))
    }
    const { contact } = onlyState(context)
    const kinds = [
      {},
      { blocked: true },
      { blocked: false, accepted: false },
      { accepted: true, addresses: [] }
    ]
    const peers: string[][] = []
    for (const kind of kinds) {
      await step(bench, context, contact.id, (unit) => {
        if (unit.state !== undefined) unit.state = withContact(unit.state, kind)
      })
      keepLinks(context)
      peers.push([...context.state.contactPeers])
    }
    assert.deepEqual(kept, [[contact.id], [], [], []])
    assert.deepEqual(peers, [['bob'], [], [], []])
  })
})
