import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-sources.js'

/** A fenced block of a document. */
export interface Block {
  readonly document: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  /** Words after the language: `run` asks for the block to be executed. */
  readonly words: readonly string[]
  readonly text: string
}

/** README.md and every page directly in docs/. */
export function documents(): string[] {
  const pages = existsSync(join(packageRoot, 'docs')) ? readdirSync(join(packageRoot, 'docs')) : []
  return [
    'README.md',
    ...pages
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `docs/${name}`)
  ]
}

export function blocksOf(document: string): Block[] {
  return fencedBlocks(document, readFileSync(join(packageRoot, document), 'utf8'))
}

export function fencedBlocks(document: string, markdown: string): Block[] {
  const blocks: Block[] = []
  let open: { line: number; fence: string; info: string; text: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open) {
      if (line.trim() === open.fence) {
        const [language = '', ...words] = open.info.split(/\s+/)
        blocks.push({ document, line: open.line, language, words, text: open.text.join('\n') })
        open = undefined
      } else {
        open.text.push(line)
      }
      continue
    }
    const [, fence, info = ''] = /^\s*(`{3,})(.*)$/.exec(line) ?? []
    if (fence !== undefined) open = { line: index + 1, fence, info: info.trim(), text: [] }
  }
  if (open) throw new Error(`${document}:${String(open.line)} opens a block that nothing closes`)
  return blocks
}

/** One command line a reader would type. */
export interface ShellCommand {
  readonly line: number
  /** Words of one simple command, without variables set before it. */
  readonly words: readonly string[]
}

/** The commands of a `sh` block (every line) or `console` block (lines after a `$`), split at `&&`, `;` and `|`. */
export function commandsOf(block: Block): ShellCommand[] {
  const joined = block.text.replace(/\\\n\s*/g, ' ')
  return joined.split('\n').flatMap((raw, index) => {
    const typed = block.language === 'console' ? /^\$ (.*)$/.exec(raw)?.[1] : raw
    if (typed === undefined) return []
    return splitCommands(typed).map((words) => ({ line: block.line + 1 + index, words }))
  })
}

function splitCommands(typed: string): string[][] {
  const commands: string[][] = [[]]
  for (const [token] of typed.matchAll(/"[^"]*"|'[^']*'|&&|\|\||[;|&]|[^\s;|&"']+|#.*$/g)) {
    if (token.startsWith('#')) break
    if (/^(&&|\|\||[;|&])$/.test(token)) commands.push([])
    else commands.at(-1)?.push(token.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return commands
    .map((words) => {
      const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
      return first === -1 ? [] : words.slice(first)
    })
    .filter((words) => words.length > 0)
}
