import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { run } from '../support/package-run.js'
import { isGenerated, packageRoot, readSources } from '../support/package-sources.js'

describe('a generated codec', () => {
  it('is what its .proto generates today', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hallig-codegen-'))
    try {
      const { code, output } = await run(process.execPath, ['codegen.js', directory], {
        cwd: packageRoot,
        timeout: 20_000
      })
      assert.equal(code, 0, output)
      for (const source of readSources('src').filter(isGenerated)) {
        const fresh = readFileSync(join(directory, basename(source.path)), 'utf8')
        assert.ok(fresh === source.text, `${source.path} is out of date: run \`npm run codegen\``)
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
