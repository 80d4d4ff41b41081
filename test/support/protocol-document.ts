import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fencedBlocks } from './package-markdown.js'
import { packageRoot } from './package-sources.js'

const LANGUAGE = 'example'

/** Every `name = value` of the `example` blocks of docs/protocol.md; a value may go on in indented lines. */
export function documentedExamples(): Map<string, string> {
  const values = new Map<string, string>()
  const markdown = readFileSync(join(packageRoot, 'docs/protocol.md'), 'utf8')
  for (const { language, text } of fencedBlocks('docs/protocol.md', markdown)) {
    if (language === LANGUAGE) for (const [name, value] of assignments(text)) values.set(name, value)
  }
  return values
}

function assignments(text: string): [string, string][] {
  const found: [string, string][] = []
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-z0-9.-]+) += (.*)$/.exec(line) ?? []
    const last = found.at(-1)
    if (name !== undefined && value !== undefined) found.push([name, value.trim()])
    else if (line.startsWith(' ') && last !== undefined) last[1] += line.trim()
  }
  return found
}
