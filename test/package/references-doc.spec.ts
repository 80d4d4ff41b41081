import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertNone } from '../support/package-none.js'
import { packageRoot, readSources } from '../support/package-sources.js'

const PATH = /^(?:src|test|docs|examples)\/\S*$/
/** A name of the code: a function, a class, a method. */
const NAME = /^#?[A-Za-z]\w*(?:\.#?\w+)*$/

function documentText(name: string): string {
  return readFileSync(join(packageRoot, 'docs', name), 'utf8')
}

/** What stands in backticks outside of blocks. */
function quotedCode(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

describe('the documents about the code', () => {
  const sources = [...readSources('src'), ...readSources('test')]
  const all = sources.map(({ text }) => text).join('\n')

  for (const name of ['architecture.md', 'threat-model.md']) {
    it(`name only files that exist: ${name}`, () => {
      const paths = quotedCode(documentText(name)).filter((code) => PATH.test(code) && !/[<*]/.test(code))
      assert.ok(paths.length > 0)
      assertNone(paths.filter((path) => !existsSync(join(packageRoot, path))))
    })
  }

  it('name only functions and classes that exist: architecture.md', () => {
    const words = new Set(all.match(/\w+/g))
    const names = quotedCode(documentText('architecture.md')).filter((code) => NAME.test(code))
    const unknown = names.filter((code) => code.split(/[.#]/).some((part) => part !== '' && !words.has(part)))
    assertNone(unknown.filter((code) => !existsSync(join(packageRoot, 'src', code))))
  })

  it('name only members that their class has: architecture.md', () => {
    const unknown = quotedCode(documentText('architecture.md')).filter((code) => {
      const [, owner = '', member = ''] = /^([A-Z]\w*)\.(#?\w+)$/.exec(code) ?? []
      const owners = sources.filter(({ text }) => new RegExp(`(class|interface) ${owner}\\b`).test(text))
      const isMember = new RegExp(`^  .*(?<!\\w)${member}\\b`, 'm')
      return owner !== '' && !owners.some(({ text }) => isMember.test(text))
    })
    assertNone(unknown)
  })

  it('quote only tests that exist: threat-model.md', () => {
    const [, table = ''] = documentText('threat-model.md').split('\n## Mistakes')
    const titles = [...table.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title)
    assert.ok(titles.length > 0)
    assertNone(titles.filter((title) => !all.includes(title)))
  })
})
