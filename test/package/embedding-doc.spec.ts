import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { assertNone } from '../support/package-none.js'
import { nodesOf, packageRoot, parse, readSources } from '../support/package-sources.js'

/** What the first column of every table of a section names in backticks. */
function listed(document: string, heading: string): string[] {
  const text = readFileSync(join(packageRoot, 'docs', document), 'utf8')
  const [section = ''] = (text.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

function named(file: string): ts.Node[] {
  const source = readSources('src').find(({ path }) => path === file)
  assert.ok(source, file)
  return [...nodesOf(parse(source))]
}

/** The members of an interface, by name. */
function membersOf(file: string, name: string): string[] {
  const found = named(file).find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name)
  assert.ok(found !== undefined && ts.isInterfaceDeclaration(found), name)
  return found.members.flatMap(({ name: member }) =>
    member !== undefined && (ts.isIdentifier(member) || ts.isStringLiteral(member)) ? [member.text] : []
  )
}

/** The texts that a type is a union of. */
function textsOf(file: string, name: string): string[] {
  const found = named(file).find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === name)
  assert.ok(found !== undefined, name)
  return [...nodesOf(found)].filter((node) => ts.isStringLiteral(node)).map(({ text }) => text)
}

function assertSame(documented: readonly string[], declared: readonly string[]): void {
  assert.ok(declared.length > 0)
  assertNone(declared.filter((name) => !documented.includes(name)).map((name) => `${name} is not listed`))
  assertNone(documented.filter((name) => !declared.includes(name)).map((name) => `there is no ${name}`))
}

describe('docs/embedding.md', () => {
  it('lists every option of createMessenger, and no other', () => {
    assertSame(listed('embedding.md', 'Opening'), membersOf('src/messenger/options.ts', 'MessengerOptions'))
  })

  it('lists every event, and no other', () => {
    assertSame(listed('embedding.md', 'Events'), membersOf('src/messenger/messenger.ts', 'MessengerEvents'))
  })

  it('lists every code of an error, and no other', () => {
    assertSame(listed('embedding.md', 'Errors'), textsOf('src/errors.ts', 'ErrorCode'))
  })
})

describe('docs/cli.md', () => {
  it("names every code of the command's own errors", () => {
    const text = readFileSync(join(packageRoot, 'docs/cli.md'), 'utf8')
    const codes = textsOf('src/cli/command-error.ts', 'CommandErrorCode')
    assert.ok(codes.length > 0)
    assertNone(codes.filter((code) => !text.includes(`\`${code}\``)))
  })
})
