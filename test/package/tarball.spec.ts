import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packageRoot, readPackageJson } from '../support/package-sources.js'
import { pack, type Tarball } from '../support/package-tarball.js'
import { assertNone } from '../support/package-none.js'

const MAX_BYTES = 1_000_000

const sourceOf = (compiled: string): string =>
  compiled.replace('dist/', '').replace(/\.(js|d\.ts)(\.map)?$/, '.ts')

describe('the packed tarball', function () {
  this.timeout(60_000)
  let tarball: Tarball

  before(async () => {
    tarball = await pack()
  })

  after(() => tarball.remove())

  it('has nothing that publint complains of, suggestions included', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball.file)
    const archive = buffer.slice(byteOffset, byteOffset + byteLength)
    assert.ok(archive instanceof ArrayBuffer)
    const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true })
    assertNone(messages.map((message) => formatMessage(message, pkg) ?? message.code))
  })

  it('holds the library, its sources and its licences, and nothing of the workshop', () => {
    const allowed =
      /^(dist\/src\/.+\.(js|d\.ts)(\.map)?|src\/.+\.(ts|proto)|docs\/[^/]+\.md|examples\/[^/]+\.ts|package\.json|README\.md|CHANGELOG\.md|LICENSE(-APACHE|-MIT)?)$/
    assertNone(tarball.paths.filter((path) => !allowed.test(path)))
    for (const needed of ['README.md', 'CHANGELOG.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) {
      assert.ok(tarball.paths.includes(needed), needed)
    }
  })

  it('holds every file that package.json points to', () => {
    const targets = [
      ...JSON.stringify(readPackageJson()).matchAll(/"(?:\.\/)?(dist\/src\/[^"]+\.(?:d\.ts|js))"/g)
    ]
    assert.ok(targets.length > 0)
    assertNone(targets.map(([, path = '']) => path).filter((path) => !tarball.paths.includes(path)))
  })

  it('holds every declaration that the public types lead to', () => {
    const declarations = new Set<string>()
    const visit = (path: string): void => {
      if (declarations.has(path)) return
      declarations.add(path)
      const text = readFileSync(join(packageRoot, path), 'utf8')
      for (const [, target = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g))
        visit(posix.join(posix.dirname(path), `${target}.d.ts`))
    }
    for (const entry of ['dist/src/index.d.ts', 'dist/src/simulator/index.d.ts']) visit(entry)
    assert.ok(declarations.size > 10)
    assertNone([...declarations].filter((path) => !tarball.paths.includes(path)))
  })

  it('holds every file that its documents link to', () => {
    const holds = (path: string): boolean =>
      tarball.paths.some((held) => held === path || held.startsWith(`${path}/`))
    const links = tarball.paths
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(join(packageRoot, path), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(
          ([, target = '']) => posix.join(posix.dirname(path), target)
        )
      )
    assert.ok(links.length > 10)
    assertNone(links.filter((path) => !holds(path)))
  })

  it('holds no compiled file whose source is gone', () => {
    const stale = tarball.paths.filter(
      (path) => path.startsWith('dist/') && !existsSync(join(packageRoot, sourceOf(path)))
    )
    assertNone(stale)
  })

  it('holds the source that every source map leads to', () => {
    const mapped = tarball.paths.filter((path) => path.endsWith('.map'))
    assert.ok(mapped.length > 0)
    assertNone(mapped.map(sourceOf).filter((path) => !tarball.paths.includes(path)))
  })

  it(`is smaller than ${String(MAX_BYTES)} bytes`, () => {
    assert.ok(readFileSync(tarball.file).length < MAX_BYTES)
  })
})
