import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-sources.js'

/** A row of a document that names the test behind what it says. */
export interface NamedTest {
  readonly what: string
  readonly file: string
  readonly title: string
}

/** Rows of a table that end in a test file and a title. */
export function rowsOf(document: string): NamedTest[] {
  return [...document.matchAll(/^\| (.*) \| `(test\/[^`]+)` \| (.+) \|$/gm)].map(
    ([, what = '', file = '', title = '']) => ({ what, file, title })
  )
}

/** Rows whose file has no such words, wherever its lines break. */
export function missing(rows: readonly NamedTest[]): string[] {
  return rows
    .filter(({ file, title }) => {
      const path = join(packageRoot, file)
      return !existsSync(path) || !readFileSync(path, 'utf8').replace(/\s+/g, ' ').includes(title)
    })
    .map(({ file, title }) => `${file} has no test "${title}"`)
}
