/** What a step overwrote with zeros, as it was before, in hexadecimal. */
export interface Wiped<Result> {
  readonly result: Result
  readonly arrays: readonly string[]
  /** Of arrays that are kept. */
  readonly parts: readonly string[]
}

export function wipedDuring<Result>(step: () => Result): Wiped<Result> {
  const fill = Reflect.get(Uint8Array.prototype, 'fill') as (
    this: Uint8Array,
    ...input: readonly [value: number, start?: number | undefined, end?: number | undefined]
  ) => Uint8Array<ArrayBuffer>
  const arrays: string[] = []
  const parts: string[] = []
  Uint8Array.prototype.fill = function (this: Uint8Array, ...input) {
    const [value, start = 0, end = this.length] = input
    if (value === 0)
      (input.length === 1 ? arrays : parts).push(Buffer.from(this.subarray(start, end)).toString('hex'))
    return fill.apply(this, input)
  }
  try {
    return { result: step(), arrays, parts }
  } finally {
    Uint8Array.prototype.fill = fill
  }
}

/** A source of random bytes that remembers a copy of all that it gave. */
export function remembered(random: (length: number) => Uint8Array): {
  readonly random: (length: number) => Uint8Array
  readonly given: Uint8Array[]
} {
  const given: Uint8Array[] = []
  return {
    random: (length) => {
      const bytes = random(length)
      given.push(bytes.slice())
      return bytes
    },
    given
  }
}
