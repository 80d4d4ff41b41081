import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constantsOf, type Constant } from '../support/package-constants.js'
import { assertNone } from '../support/package-none.js'
import { packageRoot, readSources } from '../support/package-sources.js'

const DAY_MS = 86_400_000
/** The files whose every exported constant the document lists. Later ones may use names of earlier ones. */
const FILES = ['src/codec/parcel.ts', 'src/protocol/limits.ts', 'src/network/limits.ts']
/** Constants kept beside the code they govern, which another implementation should know. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'src/protocol/delivery/retransmission.ts': [
    'INITIAL_WAIT',
    'MIN_WAIT',
    'MAX_WAIT',
    'MAX_HELD_WAIT',
    'ENOUGH_HOLDERS',
    'JOIN_QUIET',
    'JITTER',
    'SMOOTHING',
    'VARIANCE_SMOOTHING'
  ],
  'src/messenger/receive/receipts.ts': [
    'COLLECT',
    'URGENT',
    'MAX_UNANCHORED',
    'MAX_REPEATS',
    'MAX_REPEAT_AGE'
  ],
  'src/messenger/send/outbox.ts': ['MAX_REPEATS_PER_TURN'],
  'src/messenger/contacts/exchange-bundles.ts': ['ASK_AGAIN', 'MAX_ASKED'],
  'src/messenger/contacts/own-identity.ts': ['INVITE_GRACE'],
  'src/messenger/receive/prune.ts': ['HELLO_MEMORY'],
  'src/network/libp2p/lan/lan-sockets.ts': ['LAN_PORT'],
  'src/network/libp2p/lan/sightings.ts': [
    'SIGHTING_TTL_MS',
    'YIELD_MS',
    'MAX_SIGHTINGS',
    'MAX_SIGHTINGS_PER_IP',
    'MAX_ADDRESSES_PER_SIGHTING'
  ]
}

describe('the limits in docs/protocol.md', () => {
  const [, section = ''] = readFileSync(join(packageRoot, 'docs/protocol.md'), 'utf8').split('\n## Limits\n')
  const documented = [...section.matchAll(/^\| `[A-Z][A-Z0-9_]*` \|.*\|$/gm)].map(([row]) => row)
  const expected = rows()

  it('are those of the sources, each with its value and its reason', () => {
    const missing = expected.filter((row) => !documented.includes(row))
    assertNone(missing)
  })

  it('are no others', () => {
    assertNone(documented.filter((row) => !expected.includes(row)))
  })

  it('have a reason each', () => {
    assertNone(expected.filter((row) => row.endsWith('|  |')))
  })

  it('would be compared with what the code computes', () => {
    const text = '/** Why, {@link A}. */\nexport const A = 2 * (3 + 2 ** 2)\nconst B = A / 2, c = 1, D = f()'
    assert.deepEqual(constantsOf({ path: 'src/a.ts', text }), [
      { name: 'A', value: 14, exported: true, reason: 'Why, `A`.' },
      { name: 'B', value: 7, exported: false, reason: '' }
    ])
  })
})

function rows(): string[] {
  const sources = new Map(readSources('src').map((source) => [source.path, source]))
  const known = new Map<string, number>()
  const read = (path: string): Constant[] => {
    const source = sources.get(path)
    assert.ok(source, path)
    return constantsOf(source, known)
  }
  const all = FILES.flatMap((path) => {
    const constants = read(path)
    for (const { name, value } of constants) known.set(name, value)
    return constants.filter(({ exported }) => exported)
  })
  for (const [path, names] of Object.entries(BESIDE)) {
    const constants = read(path)
    for (const name of names) {
      const constant = constants.find((candidate) => candidate.name === name)
      assert.ok(constant, `${path} has no ${name}`)
      all.push(constant)
    }
  }
  return all.map(rowOf)
}

function rowOf({ name, value, reason }: Constant): string {
  const days = value >= DAY_MS && value % DAY_MS === 0 ? ` (${String(value / DAY_MS)} d)` : ''
  return `| \`${name}\` | ${value.toLocaleString('en-US')}${days} | ${reason} |`
}
