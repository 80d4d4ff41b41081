import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertNone } from '../support/package-none.js'
import { missing, rowsOf } from '../support/package-named-tests.js'
import { packageRoot } from '../support/package-sources.js'

describe('docs/invariants.md', () => {
  const document = readFileSync(join(packageRoot, 'docs/invariants.md'), 'utf8')
  const rows = rowsOf(document)

  it('names only tests that exist', () => {
    assert.ok(rows.length > 80, `${String(rows.length)} rows`)
    assertNone(missing(rows))
  })

  it('would be caught naming a test that is gone', () => {
    const gone = {
      what: '',
      file: 'test/package/invariants-doc.spec.ts',
      title: ['no', 'such', 'test'].join(' ')
    }
    assert.equal(missing([gone]).length, 1)
    assert.equal(missing([{ ...gone, file: 'test/gone.spec.ts' }]).length, 1)
  })

  it('has a test that names each invariant from 7 to 15', () => {
    for (let number = 7; number <= 15; number += 1) {
      const named = rows.filter(({ title }) =>
        new RegExp(`^Invariants? (\\d+ and )?${String(number)}\\b`).test(title)
      )
      assert.ok(named.length > 0, `no title names invariant ${String(number)}`)
    }
  })

  it('gives a reason for whatever has no test', () => {
    const [reasons, all] = [/^\| [^|]+ \| – \| does not apply[^|]+\|$/gm, /^\|[^|]*\| – \|/gm]
    assert.equal(document.match(reasons)?.length, document.match(all)?.length)
  })
})
