import assert from 'node:assert/strict'
import { forbiddenImports } from '../support/package-layers.js'
import { readPackageJson, readSources } from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

describe('the import table', () => {
  const { imports } = readPackageJson()
  const verdict = (path: string, text: string) => forbiddenImports([{ path, text }], imports)

  it('holds for every source file, types and dynamic imports included', () => {
    assertNone(forbiddenImports(readSources('src'), imports))
  })

  const broken = {
    'an upward import': ['src/codec/a.ts', "import { b } from '../crypto/b.js'"],
    'an upward type import': ['src/protocol/a.ts', "import type { B } from '../storage/b.js'"],
    'an upward export': ['src/storage/a.ts', "export { b } from '../messenger/b.js'"],
    'an upward dynamic import': ['src/network/a.ts', "const b = await import('../messenger/b.js')"],
    'an upward import type': ['src/errors.ts', "export type B = import('./clock.js').Clock"],
    'storage that knows the network': ['src/storage/a.ts', "import { b } from '../network/network.js'"],
    'a network that knows the protocol': ['src/network/a.ts', "import { b } from '../protocol/limits.js'"],
    'a network that knows cryptography': ['src/network/libp2p/a.ts', "import { b } from '../../crypto/b.js'"],
    '@noble outside crypto': ['src/protocol/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'"],
    'node:crypto outside its backend': ['src/crypto/hash.ts', "import { createHash } from 'node:crypto'"],
    'libp2p outside its adapter': ['src/network/memory-network.ts', "import { createLibp2p } from 'libp2p'"],
    'a platform that everyone knows': ['src/messenger/send.ts', "import { clock } from '#platform'"],
    'a command that reaches inside': ['src/cli/send.ts', "import { b } from '../messenger/b.js'"],
    'a messenger that knows its simulator': ['src/messenger/a.ts', "import { b } from '../simulator/b.js'"],
    'an import of the tests': ['src/protocol/a.ts', "import { b } from '../../test/b.js'"],
    'a computed import': ['src/messenger/a.ts', 'const b = await import(name)'],
    'a file beside index.ts that is no layer': ['src/utils.ts', ''],
    'a relative import without .js': ['src/codec/a.ts', "import { b } from './b'"]
  } as const
  for (const [what, [path, text]] of Object.entries(broken)) {
    it(`notices ${what}`, () => {
      assert.equal(verdict(path, text).length, 1)
    })
  }
})
