import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hex } from '../support/vectors.js'

/** Longest input that is kept: the files are read by people too. */
const LONGEST_KEPT = 2_048
/** Most inputs of one target. */
const MOST_KEPT = 64

const folder = 'test/fuzz/corpus'

function fileOf(target: string): string {
  return join(folder, `${target}.hex`)
}

/** Inputs of a target that were worth keeping: one a line, in hexadecimal digits. */
export function readCorpus(target: string): Uint8Array[] {
  const file = fileOf(target)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(hex)
}

/** Adds inputs to the corpus, without those it has and those that are long; returns how many it holds now. */
export function keepInCorpus(target: string, inputs: readonly Uint8Array[]): number {
  const short = [...readCorpus(target), ...inputs].filter(
    ({ length }) => length > 0 && length <= LONGEST_KEPT
  )
  const lines = [...new Set(short.map((input) => Buffer.from(input).toString('hex')))].slice(0, MOST_KEPT)
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(target), lines.map((line) => `${line}\n`).join(''))
  return lines.length
}
