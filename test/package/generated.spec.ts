import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { generate } from 'protons'
import { isGenerated, packageRoot, readSources } from '../support/package-sources.js'

describe('a generated codec', () => {
  for (const source of readSources('src').filter(isGenerated)) {
    it(`${source.path} is what its .proto generates`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'hallig-codegen-'))
      try {
        const proto = join(packageRoot, source.path.replace(/\.ts$/, '.proto'))
        await generate(proto, { output: directory, strict: true })
        const fresh = readFileSync(join(directory, basename(source.path)), 'utf8')
        assert.ok(fresh === source.text, 'out of date: run `npm run codegen`')
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
  }
})
