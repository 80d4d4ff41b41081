/** Reproducible randomness for simulations: never for anything secret. */
export interface SeededRandom {
  /** A number in [0, 1). */
  number(): number
  /** A number in [low, high]. */
  between(low: number, high: number): number
  /** Whether an event of this probability happens. */
  chance(probability: number): boolean
  bytes(length: number): Uint8Array
}

/** xorshift128 seeded by splitmix32: one seed, one run. */
export function createSeededRandom(seed: number): SeededRandom {
  let mixed = seed | 0
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
  let [a, b, c, d] = [word(), word(), word(), word() | 1]
  const next = (): number => {
    const t = a ^ (a << 11)
    ;[a, b, c] = [b, c, d]
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8)
    return d >>> 0
  }
  const number = (): number => next() / 0x1_0000_0000
  return {
    number,
    between: (low, high) => low + number() * (high - low),
    chance: (probability) => probability > 0 && number() < probability,
    bytes: (length) => Uint8Array.from({ length }, () => next() >>> 24)
  }
}
