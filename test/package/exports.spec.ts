import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as root from 'hallig'
import { exportedNames, type ExportedNames } from '../support/package-exports.js'
import { packageRoot } from '../support/package-sources.js'

const MAX_NAMES = 60
const MAX_VALUES = 15

/** The agreed public surface: a change here is a change for every user and belongs in the changelog. */
const agreed = JSON.parse(
  readFileSync(join(packageRoot, 'test/package/exports.snapshot.json'), 'utf8')
) as ExportedNames

describe('the package root', () => {
  const text = readFileSync(join(packageRoot, 'src/index.ts'), 'utf8')
  const actual = exportedNames({ path: 'src/index.ts', text })

  it('exports the agreed values', () => {
    assert.deepEqual(actual.values, agreed.values)
  })

  it('exports the agreed types', () => {
    assert.deepEqual(actual.types, agreed.types)
  })

  it('holds named re-exports and nothing else', () => {
    assert.deepEqual(actual.other, [])
  })

  it('gives those values, and no others, to whoever imports it', () => {
    assert.deepEqual(Object.keys(root).sort(), agreed.values)
  })

  it(`stays within ${String(MAX_NAMES)} names and ${String(MAX_VALUES)} values`, () => {
    assert.ok(actual.values.length <= MAX_VALUES, `${String(actual.values.length)} values`)
    assert.ok(actual.values.length + actual.types.length <= MAX_NAMES, 'too many names')
  })

  it('would be caught exporting a star, a default or a value of its own', () => {
    for (const broken of ["export * from './a.js'", 'export default 1', 'export const a = 1']) {
      assert.deepEqual(exportedNames({ path: 'src/index.ts', text: broken }).other, [broken])
    }
  })
})
