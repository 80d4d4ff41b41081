import assert from 'node:assert/strict'
import { documentedExamples } from '../support/protocol-document.js'
import {
  beaconExamples,
  bundleExamples,
  cardExamples,
  envelopeExamples,
  handshakeExamples,
  identityExamples,
  openHelloExamples,
  pqEpochExamples,
  tagExamples,
  type Given,
  type Shown
} from '../support/protocol-examples.js'
import { must } from '../support/protocol-values.js'
import { hex } from '../support/vectors.js'

/** The examples of docs/protocol.md, computed again from the inputs the document itself gives. */
describe('the worked examples of docs/protocol.md', () => {
  const documented = documentedExamples()
  const used = new Set<string>()

  const given: Given = (name) => {
    used.add(name)
    return hex(must(documented.get(name)))
  }

  const examples: Record<string, () => Shown> = {
    'identities, safety number and certificate': () => identityExamples(given),
    'bundle, record and request': () => bundleExamples(given),
    'contact card and link': () => cardExamples(given),
    'handshake and first chain': () => handshakeExamples(given),
    'epoch of the post-quantum ratchet': () => pqEpochExamples(given),
    'header keys and tags': () => tagExamples(given),
    'payload, hello, direct envelope and parcel': () => envelopeExamples(given),
    'open hello and its proof of work': () => openHelloExamples(given, () => given('open.proof')),
    'LAN beacon': () => beaconExamples(given)
  }

  for (const [what, compute] of Object.entries(examples)) {
    it(`are true: ${what}`, () => {
      for (const [name, value] of Object.entries(compute())) {
        used.add(name)
        const shown = typeof value === 'string' ? value : Buffer.from(value).toString('hex')
        assert.equal(documented.get(name), shown, name)
      }
    })
  }

  it('name nothing that is not computed here', () => {
    assert.deepEqual(
      [...documented.keys()].filter((name) => !used.has(name)),
      []
    )
  })
})
