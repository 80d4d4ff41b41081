import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing, rowsOf } from '../support/package-named-tests.js'
import { assertNone } from '../support/package-none.js'
import { packageRoot, readSources } from '../support/package-sources.js'

/** `package` version, as the table says whom a patch is for. */
const VERSION = /`((?:@[a-z\d-]+\/)?[a-z\d-]+)` (\d+\.\d+\.\d+)/g

describe('the patches of dependencies in docs/architecture.md', () => {
  const text = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8')
  const [section = ''] = (text.split('\n## Patches of dependencies\n')[1] ?? '').split('\n## ')
  const rows = rowsOf(section)

  it('are all those that there are', () => {
    const named = [...section.matchAll(/`([^`\s]+\.ts)`/g)].map(([, name = '']) => name)
    const patches = readSources('src/network/libp2p/patches').map(({ path }) => path)
    assert.ok(patches.length > 0)
    assertNone(patches.filter((path) => !named.some((name) => path === name || path.endsWith(`/${name}`))))
    assertNone(named.filter((name) => name.startsWith('src/') && !existsSync(join(packageRoot, name))))
  })

  it('have a test each that exists', () => {
    assert.ok(rows.length > 10, `${String(rows.length)} rows`)
    assertNone(missing(rows))
  })

  it('are of the versions that are installed', () => {
    const stale = rows.flatMap(({ what }) => {
      const versions = [...what.matchAll(VERSION)]
      assert.ok(versions.length > 0, what)
      return versions
        .map(([, name = '', version = '']) => ({ name, version, installed: installedVersion(name) }))
        .filter(({ version, installed }) => version !== installed)
        .map(({ name, version, installed }) => `${name} is ${installed}, not ${version}: ${what}`)
    })
    assertNone(stale)
  })
})

function installedVersion(name: string): string {
  const { version } = JSON.parse(
    readFileSync(join(packageRoot, 'node_modules', name, 'package.json'), 'utf8')
  ) as { readonly version: string }
  return version
}
