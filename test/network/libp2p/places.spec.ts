import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { superfluous } from '../../../src/network/libp2p/places.js'
import { MAX_CONNECTIONS, UNDISPUTED_PER_HOST } from '../../../src/network/limits.js'

type Places = Parameters<typeof superfluous>[0]
type Place = Places[number]

let opened = 0

function place(host: number, peer: string, direction: Place['direction'] = 'inbound'): Place {
  const address = `/ip4/10.0.0.${String(host)}/tcp/${String(1_000 + opened)}`
  const named: unknown = { toString: () => peer }
  return {
    direction,
    remoteAddr: multiaddr(address),
    remotePeer: named as Place['remotePeer'],
    timeline: { open: ++opened }
  }
}

const isContact = (peer: string): boolean => peer.startsWith('contact')
const many = (count: number, host: (n: number) => number): Place[] =>
  Array.from({ length: count }, (_, n) => place(host(n), `stranger ${String(n)}`))

function goes(before: readonly Place[], comes: Place): Place | undefined {
  return superfluous([...before, comes], comes, isContact)
}

describe('network/libp2p/places', () => {
  it('are for everybody as long as there are some', () => {
    assert.equal(
      goes(
        many(MAX_CONNECTIONS - 1, () => 1),
        place(1, 'one more')
      ),
      undefined
    )
  })

  it('go from the host that has the most to a stranger of another, down to those that nobody disputes', () => {
    const before = many(MAX_CONNECTIONS, () => 1)
    let crowd = before
    for (let n = 0; crowd.some(({ remotePeer }) => remotePeer.toString().startsWith('stranger')); n++) {
      const comes = place(2 + Math.floor(n / 4), 'other')
      const gone = goes(crowd, comes)
      if (gone === comes) break
      assert.equal(gone, before[MAX_CONNECTIONS - 1 - n], 'the newest goes first')
      crowd = [...crowd, comes].filter((one) => one !== gone)
    }
    const left = crowd.filter(({ remotePeer }) => remotePeer.toString() !== 'other')
    assert.equal(left.length, UNDISPUTED_PER_HOST)
  })

  it('are not for one more of the host that has the most', () => {
    const comes = place(1, 'one more')
    assert.equal(
      goes(
        many(MAX_CONNECTIONS, () => 1),
        comes
      ),
      comes
    )
  })

  it('are for a contact, from however many hosts strangers hold them', () => {
    const before = many(MAX_CONNECTIONS, (n) => n)
    const gone = goes(before, place(1, 'contact'))
    assert.equal(gone?.remotePeer.toString().startsWith('stranger'), true)
    assert.equal(goes(before, place(200, 'stranger too'))?.remotePeer.toString(), 'stranger too')
  })

  it('are for whom this node dials', () => {
    const before = many(MAX_CONNECTIONS, () => 1)
    assert.equal(goes(before, place(1, 'dialled', 'outbound')), before.at(-1))
  })

  it('are never taken from a contact or from whom this node dialled, nor more than one at a time', () => {
    const one = fc.record({
      host: fc.integer({ min: 1, max: 5 }),
      isContact: fc.boolean(),
      direction: fc.constantFrom<Place['direction'][]>('inbound', 'outbound')
    })
    fc.assert(
      fc.property(
        fc.array(one, { minLength: MAX_CONNECTIONS - 2, maxLength: 2 * MAX_CONNECTIONS }),
        (all) => {
          const places = all.map((made, n) =>
            place(made.host, made.isContact ? 'contact' : `stranger ${String(n)}`, made.direction)
          )
          const comes = places.at(-1)
          assert.ok(comes !== undefined)
          const gone = superfluous(places, comes, isContact)
          const free = places.filter(
            ({ direction, remotePeer }) => direction === 'inbound' && !isContact(remotePeer.toString())
          )
          if (gone === undefined) assert.ok(places.length <= MAX_CONNECTIONS || free.length === 0)
          else assert.ok(free.includes(gone) && places.length > MAX_CONNECTIONS)
        }
      )
    )
  })
})
