import assert from 'node:assert/strict'
import { layerOf } from '../support/package-layers.js'
import { impurities } from '../support/package-purity.js'
import { isGenerated, readSources } from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

const CORE = ['codec', 'crypto', 'protocol']

describe('the core', () => {
  it('is synchronous and knows neither clock nor chance nor the outside world', () => {
    const core = readSources('src').filter(({ path }) => CORE.includes(layerOf(path)))
    assert.ok(core.length > 0)
    assertNone(core.filter((source) => !isGenerated(source)).flatMap((source) => impurities(source)))
  })

  const impure = [
    'export const now = () => Date.now()',
    'export function day(): Date',
    'const x = Math.random()',
    'setTimeout(() => undefined, 1)',
    'const key = crypto.getRandomValues(new Uint8Array(32))',
    'const home = process.env',
    'export async function* f() {}',
    'export const f = (): Promise<void> => g()',
    "const later = import('./b.js')",
    'let calls = 0'
  ]
  for (const text of impure) {
    it(`would not be with \`${text}\``, () => {
      assert.notDeepEqual(impurities({ path: 'src/protocol/a.ts', text }), [])
    })
  }

  it('may use the same words as names of its own members', () => {
    assertNone(impurities({ path: 'src/protocol/a.ts', text: 'const a = { crypto: b.process }' }))
  })
})
