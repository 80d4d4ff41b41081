import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { hasLogic } from '../support/package-logic.js'
import { isGenerated, packageRoot, readSources, type SourceText } from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

const MAX_LINES = 400
/** Words that say nothing about a subject. */
const VAGUE = /^(common|data|handler|handlers|helper|helpers|info|manager|misc|process|types|util|utils)$/

interface Exceptions {
  readonly withoutSpec: readonly string[]
  readonly longerThan400: readonly string[]
}

/** The exceptions may shrink only: a file that no longer needs one must leave the list. */
const exceptions = JSON.parse(
  readFileSync(posix.join(packageRoot, 'test/architecture/exceptions.json'), 'utf8')
) as Exceptions

describe('a source file', () => {
  const sources = readSources('src').filter((source) => !isGenerated(source))

  it('with logic has a spec of the same name', () => {
    const without = sources.filter((source) => hasLogic(source) && !hasSpec(source)).map(({ path }) => path)
    assertShrinking(without, exceptions.withoutSpec)
  })

  it(`has at most ${String(MAX_LINES)} lines`, () => {
    const long = sources
      .filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES)
      .map(({ path }) => path)
    assertShrinking(long, exceptions.longerThan400)
  })

  it('is named after one noun or verb, in lower case', () => {
    const names = sources.map(({ path }) => posix.basename(path, '.ts'))
    assertNone(names.filter((name) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || VAGUE.test(name)))
  })

  const logic = {
    'export function f() { return 1 }': true,
    'export const f = (n: number) => n + 1': true,
    'export class A { get a() { return 1 } }': true,
    'export interface A { f(): void }': false,
    "export const MAX = 2 * 3; export * from './a.js'": false,
    'export declare function f(): void': false
  }
  for (const [text, expected] of Object.entries(logic)) {
    it(`counts \`${text}\` as ${expected ? 'logic' : 'none'}`, () => {
      assert.equal(hasLogic({ path: 'src/a.ts', text }), expected)
    })
  }
})

/** Fails for a finding that is no known exception, and for an exception that is none any more. */
function assertShrinking(findings: readonly string[], known: readonly string[]): void {
  assertNone(findings.filter((path) => !known.includes(path)))
  assertNone(known.filter((path) => !findings.includes(path)).map((path) => `${path} may leave the list`))
}

function hasSpec({ path }: SourceText): boolean {
  const stem = path.replace(/^src\//, 'test/').replace(/\.ts$/, '')
  return ['.spec.ts', '.slow.spec.ts'].some((end) => existsSync(posix.join(packageRoot, stem + end)))
}
