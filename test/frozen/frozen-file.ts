import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RandomSource } from '../../src/crypto/random.js'
import { Vector } from '../support/vectors.js'

export type Json = string | number | boolean | readonly Json[] | { readonly [field: string]: Json }

/** One frozen example: what went in, what came out; bytes as hexadecimal digits. */
export interface FrozenCase {
  readonly name: string
  readonly [field: string]: Json
}

/** What a file of `test/vectors/` is made by, and how another implementation would use it. */
export interface FrozenFile {
  readonly name: string
  /** The cases anew, from their seeds. */
  generate(): readonly FrozenCase[]
  /** Reads, opens or decrypts what the file says, from nothing but what it says. */
  consume(vector: Vector): void
}

/** Bytes that are too long for a file of examples are shown by their hash. */
const LONGEST_SHOWN = 2_048

const folder = 'test/vectors'

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** `{ [field]: digits }`, or `{ [field].sha256: … }` of what is long. */
export function shown(field: string, bytes: Uint8Array): Record<string, string> {
  return bytes.length <= LONGEST_SHOWN ? { [field]: toHex(bytes) } : { [`${field}.sha256`]: sha256Hex(bytes) }
}

/** Everything drawn from a random source since it was last asked. */
export function recording(random: RandomSource): { readonly random: RandomSource; drawn(): string[] } {
  let parts: string[] = []
  return {
    random: (length) => {
      const bytes = random(length)
      parts.push(toHex(bytes))
      return bytes
    },
    drawn: () => {
      const drawn = parts
      parts = []
      return drawn
    }
  }
}

function fileOf(name: string): string {
  return join(folder, `${name}.json`)
}

/** The text of a file, one case after the other, each field on a line. */
export function frozenText({ generate }: FrozenFile): string {
  return `${JSON.stringify(generate(), null, 2)}\n`
}

export function readFrozenText({ name }: FrozenFile): string {
  return existsSync(fileOf(name)) ? readFileSync(fileOf(name), 'utf8') : ''
}

export function readFrozen(file: FrozenFile): Vector[] {
  const cases: unknown = JSON.parse(readFrozenText(file))
  if (!Array.isArray(cases)) throw new Error('The file of examples is no list')
  return cases.map((one: unknown) => {
    if (typeof one !== 'object' || one === null) throw new Error('An example is no object')
    return new Vector(one)
  })
}

export function writeFrozen(file: FrozenFile): void {
  writeFileSync(fileOf(file.name), frozenText(file))
}
