import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The bytes of a hexadecimal string; spaces and line breaks are for the eye. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`Not hexadecimal: ${text}`)
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** One test of a vector file: its fields, checked for their type as they are read. */
export class Vector {
  readonly #fields: ReadonlyMap<string, unknown>

  constructor(fields: object) {
    this.#fields = new Map(Object.entries(fields))
  }

  bytes(field: string): Uint8Array {
    return hex(this.text(field))
  }

  text(field: string): string {
    const value = this.#fields.get(field)
    if (typeof value !== 'string') throw new Error(`The vector has no text '${field}'`)
    return value
  }

  number(field: string): number {
    const value = this.#fields.get(field)
    if (typeof value !== 'number') throw new Error(`The vector has no number '${field}'`)
    return value
  }

  has(field: string): boolean {
    return this.#fields.has(field)
  }

  /** The vectors in a list; none where there is no such list. */
  list(field: string): Vector[] {
    return this.has(field)
      ? listOf(Object.fromEntries(this.#fields), field).map((entry) => new Vector(entry))
      : []
  }

  /** The texts in a list. */
  texts(field: string): string[] {
    const value = this.#fields.get(field)
    if (!Array.isArray(value)) throw new Error(`The vector has no list '${field}'`)
    return value.map((entry: unknown) => {
      if (typeof entry !== 'string') throw new Error(`An entry of '${field}' is no text`)
      return entry
    })
  }

  /** What to print when the vector fails. */
  get name(): string {
    if (this.has('name')) return this.text('name')
    const comment = this.#fields.get('comment')
    return `tcId ${String(this.number('tcId'))}${typeof comment === 'string' ? ` (${comment})` : ''}`
  }

  get result(): string {
    return this.text('result')
  }
}

const folder = resolve(process.cwd(), '../shared/vectors/wycheproof')
const rfcs = resolve(process.cwd(), 'test/vectors/rfc')

/** The Wycheproof files there are; `undefined` where they are absent. */
export function vectorFiles(): string[] | undefined {
  if (!existsSync(folder)) return undefined
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
}

/** The examples of an RFC, as they are in `test/vectors/rfc/`. */
export function loadRfc(name: string): Vector[] {
  const parsed: unknown = JSON.parse(readFileSync(resolve(rfcs, `${name}.json`), 'utf8'))
  return listOf({ parsed }, 'parsed').map((entry) => new Vector(entry))
}

/** How many tests a Wycheproof file says it has. */
export function statedCount(file: string): number {
  const parsed: unknown = JSON.parse(readFileSync(resolve(folder, file), 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error('The vector file has another shape')
  return new Vector(parsed).number('numberOfTests')
}

/** The tests of a Wycheproof file, each with the public key of its group; `undefined` where the file is absent. */
export function loadVectors(file: string): Vector[] | undefined {
  const path = resolve(folder, file)
  if (!existsSync(path)) return undefined
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return listOf(parsed, 'testGroups').flatMap((group) => {
    return listOf(group, 'tests').map((test) => new Vector({ ...keyOf(group), ...test }))
  })
}

function listOf(parent: unknown, field: string): object[] {
  if (typeof parent !== 'object' || parent === null) throw new Error('The vector file has another shape')
  const list: unknown = new Map<string, unknown>(Object.entries(parent)).get(field)
  if (!Array.isArray(list)) throw new Error(`The vector file has no list '${field}'`)
  return list.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw new Error(`An entry of '${field}' is no object`)
    return entry
  })
}

/** A signature group names its public key once, as the member `pk` of an object. */
function keyOf(group: object): object {
  return 'publicKey' in group && typeof group.publicKey === 'object' && group.publicKey !== null
    ? group.publicKey
    : {}
}
