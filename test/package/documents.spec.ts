import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CommandLine } from '../cli/command-line.js'
import { FakeMessenger } from '../cli/fake-messenger.js'
import { compile, strip } from '../support/package-compile.js'
import { blocksOf, commandsOf, documents, fencedBlocks, type Block } from '../support/package-markdown.js'
import { packageRoot, readPackageJson } from '../support/package-sources.js'
import { run } from '../support/package-run.js'
import { assertNone } from '../support/package-none.js'

const CODE: Readonly<Record<string, string>> = { ts: 'ts', typescript: 'ts', js: 'mjs', javascript: 'mjs' }
const SHELL = ['sh', 'bash', 'console']
const RUN_TIMEOUT_MS = 60_000
/** Commands of npm that are no script of ours. */
const NPM = ['ci', 'i', 'install', 'pack', 'publish', 'exec', 'audit']
const SHORTHANDS = ['test', 'start']
/** A program that does not compile. */
const WRONG = 'WRONG.1.ts'

describe('the documents', function () {
  this.timeout(RUN_TIMEOUT_MS * 2)
  const blocks = documents().flatMap(blocksOf)
  const programs = programsOf(blocks)

  let complaints: readonly string[]

  before(() => {
    // Compiled together: what takes long is the package itself.
    const texts = [...programs, { name: WRONG, text: "import { nothing } from 'hallig'\nnothing()" }]
    complaints = compile(new Map(texts.map(({ name, text }) => [name, text])))
  })

  it('compile: every ts and js block, against the package by its own name', () => {
    assertNone(complaints.filter((complaint) => !complaint.startsWith(WRONG)))
  })

  it('would be caught using a name that the package does not have', () => {
    assert.equal(complaints.filter((complaint) => complaint.startsWith(WRONG)).length, 1)
  })

  for (const program of programs.filter(({ runs }) => runs)) {
    it(`${program.name} runs`, async () => {
      const result = await execute(program)
      assert.equal(result.code, 0, result.output)
    })
  }

  it('name only npm scripts that exist', () => {
    const unknown = shell(blocks).filter(({ words }) => !isKnownScript(words))
    assertNone(unknown.map(({ where, words }) => `${where} ${words.join(' ')}`))
  })

  it('name only commands and options that hallig has', async () => {
    const problems: string[] = []
    const helps = new Map<string, string>()
    for (const { where, words } of shell(blocks)) {
      const used = words.slice(words.indexOf('hallig') + 1)
      if (!isHallig(words) || used[0] === undefined) continue
      problems.push(...(await unknownWords(helps, used)).map((word) => `${where} hallig ${word}`))
    }
    assertNone(problems)
  })

  it('link only to files that exist', () => {
    assertNone(
      documents().flatMap((document) =>
        linksOf(readFileSync(join(packageRoot, document), 'utf8'))
          .filter((path) => !existsSync(join(packageRoot, dirname(document), path)))
          .map((path) => `${document} links to ${path}`)
      )
    )
  })

  it('would be caught linking to a file that is gone', () => {
    assert.deepEqual(linksOf('[a](docs/a.md#b) [c](https://c.example) [d](#d)'), ['docs/a.md'])
  })

  it('would be caught naming a script that does not exist', () => {
    const [block] = fencedBlocks('x.md', '```sh\nA=1 npm ci && npm run nothing # later\n```')
    assert.ok(block)
    assert.deepEqual(
      commandsOf(block).map(({ words }) => isKnownScript(words)),
      [true, false]
    )
  })
})

/** Paths of the relative links, without their anchors. */
function linksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g)].map(([, path = '']) => path)
}

/** A program of one block, or of several where later ones are marked `continued`; lines stay where the document has them. */
interface Program {
  readonly name: string
  readonly text: string
  readonly runs: boolean
}

function programsOf(blocks: readonly Block[]): Program[] {
  const chains: Block[][] = []
  for (const block of blocks.filter(({ language }) => language in CODE)) {
    const last = chains.at(-1)
    if (last && last[0]?.document === block.document && block.words.includes('continued')) last.push(block)
    else chains.push([block])
  }
  return chains.map(programOf)
}

function programOf(chain: readonly Block[]): Program {
  const [first] = chain
  assert.ok(first)
  const lines: string[] = []
  for (const { line, text } of chain) {
    for (const [index, code] of text.split('\n').entries()) lines[line + index] = code
  }
  return {
    name: `${first.document}.${String(first.line)}.${CODE[first.language] ?? 'ts'}`,
    text: Array.from(lines, (code: string | undefined) => code ?? '').join('\n'),
    runs: chain.some(({ words }) => words.includes('run'))
  }
}

/** Runs a program from a folder inside the package, where the package's own name resolves, as a user's file would. */
async function execute(program: Program): Promise<{ code: number | null; output: string }> {
  const directory = mkdtempSync(join(packageRoot, 'dist/run-'))
  try {
    const file = join(directory, 'program.js')
    writeFileSync(file, strip(program.text))
    return await run(process.execPath, [file], { cwd: directory, timeout: RUN_TIMEOUT_MS })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function shell(blocks: readonly Block[]): { where: string; words: readonly string[] }[] {
  return blocks
    .filter(({ language }) => SHELL.includes(language))
    .flatMap((block) =>
      commandsOf(block).map(({ line, words }) => ({ where: `${block.document}:${String(line)}`, words }))
    )
}

function isKnownScript(words: readonly string[]): boolean {
  const [program, first = '', second = ''] = words
  if (program !== 'npm') return true
  const { scripts } = readPackageJson()
  if (first === 'run') return second in scripts
  return NPM.includes(first) || (SHORTHANDS.includes(first) && first in scripts)
}

function isHallig(words: readonly string[]): boolean {
  return words[0] === 'hallig' || (words[0] === 'npx' && words[1] === 'hallig')
}

/** Subcommand and options among `used` that the command's own help does not know. */
async function unknownWords(helps: Map<string, string>, used: readonly string[]): Promise<string[]> {
  const root = await help(helps, [])
  const [, listed = ''] = root.split('Commands:\n')
  const commands = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name)
  const subcommand = used.find((word) => commands.includes(word))
  const [first = ''] = used.filter(
    (word, index) => !word.startsWith('-') && !used[index - 1]?.startsWith('--')
  )
  if (subcommand === undefined && first !== '') return [first]
  const known = root + (subcommand === undefined ? '' : await help(helps, [subcommand]))
  return used
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/=.*$/, ''))
    .filter((option) => !new RegExp(`(^|[\\s,])${option}\\b`, 'm').test(known))
}

async function help(helps: Map<string, string>, command: readonly string[]): Promise<string> {
  const key = command.join(' ')
  const known = helps.get(key)
  if (known !== undefined) return known
  const cli = new CommandLine(new FakeMessenger())
  try {
    const { code, out } = await cli.run(...command, '--help')
    assert.equal(code, 0, out)
    helps.set(key, out)
    return out
  } finally {
    cli.end()
  }
}
