import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing, rowsOf } from '../support/package-named-tests.js'
import { assertNone } from '../support/package-none.js'
import { packageRoot } from '../support/package-sources.js'

describe('docs/resilience.md', () => {
  const rows = rowsOf(readFileSync(join(packageRoot, 'docs/resilience.md'), 'utf8'))

  it('names only tests that exist', () => {
    assert.ok(rows.length > 30, `${String(rows.length)} rows`)
    assertNone(missing(rows))
  })
})
