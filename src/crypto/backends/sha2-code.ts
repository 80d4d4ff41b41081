import {
  at,
  get,
  I32,
  I32_ADD,
  i32,
  I64,
  i64,
  join,
  repeatUntilEqual,
  set,
  V128,
  vector,
  type Code,
  type WasmFunction
} from './wasm-code.js'

/** Words that one block of a message has, and so many rounds use each once. */
const BLOCK_WORDS = 16
const STATE_WORDS = 8
const ROUNDS_512 = 80
const ROUNDS_256 = 64

/** A word as the code sees it: one of SHA-512, or four of SHA-256 that belong to four messages. */
interface Word {
  readonly type: number
  readonly bytes: number
  readonly rounds: number
  readonly constantBytes: number
  readonly load: (offset: number) => Code
  readonly loadConstant: (offset: number) => Code
  readonly store: (offset: number) => Code
  readonly add: Code
  readonly xor: Code
  readonly and: Code
  /** ROTR and SHR (FIPS 180-4 §3.2) of a local. */
  readonly rotate: (local: number, by: number) => Code
  readonly shift: (local: number, by: number) => Code
  /** By how much Σ0, Σ1, σ0 and σ1 rotate (§4.1.2, §4.1.3); the last of σ0 and σ1 is a shift. */
  readonly sums: readonly [Amounts, Amounts, Amounts, Amounts]
}

type Amounts = readonly [number, number, number]

const load64 = (offset: number): Code => [0x29, ...at(3, offset)]

const SHA512_WORD: Word = {
  type: I64,
  bytes: 8,
  rounds: ROUNDS_512,
  constantBytes: 8,
  load: load64,
  loadConstant: load64,
  store: (offset) => [0x37, ...at(3, offset)],
  add: [0x7c],
  xor: [0x85],
  and: [0x83],
  rotate: (local, by) => [...get(local), ...i64(by), 0x8a],
  shift: (local, by) => [...get(local), ...i64(by), 0x88],
  sums: [
    [28, 34, 39],
    [14, 18, 41],
    [1, 8, 7],
    [19, 61, 6]
  ]
}

const shiftLanes = (local: number, by: number): Code => [...get(local), ...i32(by), ...vector(0xad)]

const SHA256_LANES: Word = {
  type: V128,
  bytes: 16,
  rounds: ROUNDS_256,
  constantBytes: 4,
  load: (offset) => [...vector(0x00), ...at(4, offset)],
  loadConstant: (offset) => [...vector(0x09), ...at(2, offset)],
  store: (offset) => [...vector(0x0b), ...at(4, offset)],
  add: vector(0xae),
  xor: vector(0x51),
  and: vector(0x4e),
  rotate: (local, by) => [
    ...shiftLanes(local, by),
    ...get(local),
    ...i32(32 - by),
    ...vector(0xab),
    ...vector(0x50)
  ],
  shift: shiftLanes,
  sums: [
    [2, 13, 22],
    [6, 11, 25],
    [7, 18, 3],
    [17, 19, 10]
  ]
}

// Parameters: addresses of the state before, of the block, of the state after, and of the constants.
const [STATE, BLOCK, RESULT, CONSTANTS] = [0, 1, 2, 3]
const LAST_CONSTANTS = 4
const FIRST_OF_STATE = 5
const SUM = FIRST_OF_STATE + STATE_WORDS
const FIRST_OF_BLOCK = SUM + 1

/** SHA-512 of one block (§6.4.2). All addresses are of words in the order of the machine. */
export function sha512Code(): WasmFunction {
  return compression('sha512', SHA512_WORD)
}

/** SHA-256 (§6.2.2) of one block each of four messages: where one word of one message is read or written, four lie, one of each. Constants lie alone. */
export function sha256OfFourCode(): WasmFunction {
  return compression('sha256OfFour', SHA256_LANES)
}

function compression(name: string, word: Word): WasmFunction {
  const each = (count: number, code: (index: number) => Code): Code =>
    join(...Array.from({ length: count }, (_, index) => code(index)))
  const read = (address: number, index: number): Code => [...get(address), ...word.load(index * word.bytes)]
  const beforeLast = (word.rounds - BLOCK_WORDS) * word.constantBytes
  const body = join(
    each(STATE_WORDS, (index) => [...read(STATE, index), ...set(FIRST_OF_STATE + index)]),
    each(BLOCK_WORDS, (index) => [...read(BLOCK, index), ...set(FIRST_OF_BLOCK + index)]),
    [...get(CONSTANTS), ...i32(beforeLast), ...I32_ADD, ...set(LAST_CONSTANTS)],
    repeatUntilEqual(
      join(
        each(BLOCK_WORDS, (index) => join(round(word, index), schedule(word, index))),
        [...get(CONSTANTS), ...i32(BLOCK_WORDS * word.constantBytes), ...I32_ADD, ...set(CONSTANTS)]
      ),
      CONSTANTS,
      LAST_CONSTANTS
    ),
    each(BLOCK_WORDS, (index) => round(word, index)),
    each(STATE_WORDS, (index) => [
      ...[...get(RESULT), ...read(STATE, index), ...get(FIRST_OF_STATE + index), ...word.add],
      ...word.store(index * word.bytes)
    ])
  )
  const locals = [
    [1, I32],
    [STATE_WORDS + 1 + BLOCK_WORDS, word.type]
  ] as const
  return { name, locals, body }
}

/** One round. What is `a` in it is `b` in the next, and so on: the locals stay where they are and change their names. */
function round(word: Word, index: number): Code {
  const local = (name: number): number =>
    FIRST_OF_STATE + ((name - (index % STATE_WORDS) + STATE_WORDS) % STATE_WORDS)
  const { add, and, xor, sums } = word
  const [a, b, c, d] = [local(0), local(1), local(2), local(3)]
  const [e, f, g, h] = [local(4), local(5), local(6), local(7)]
  const choice = join(get(g), get(e), get(f), get(g), xor, and, xor)
  const majority = join(get(b), get(a), get(b), xor, get(b), get(c), xor, and, xor)
  const constant = join(get(CONSTANTS), word.loadConstant(index * word.constantBytes))
  return join(
    join(get(h), rotations(word, e, sums[1]), add, choice, add),
    join(constant, add, get(FIRST_OF_BLOCK + index), add, set(SUM)),
    join(get(d), get(SUM), add, set(d)),
    join(get(SUM), rotations(word, a, sums[0]), add, majority, add, set(h))
  )
}

/** The word of the message schedule that takes the place of the one sixteen before it. */
function schedule(word: Word, index: number): Code {
  const local = (ahead: number): number => FIRST_OF_BLOCK + ((index + ahead) % BLOCK_WORDS)
  const { add, sums } = word
  return join(
    join(get(local(0)), rotationsAndShift(word, local(1), sums[2]), add, get(local(9)), add),
    join(rotationsAndShift(word, local(14), sums[3]), add, set(local(0)))
  )
}

function rotations(word: Word, local: number, [one, two, three]: Amounts): Code {
  const { rotate, xor } = word
  return join(rotate(local, one), rotate(local, two), xor, rotate(local, three), xor)
}

function rotationsAndShift(word: Word, local: number, [one, two, three]: Amounts): Code {
  const { rotate, shift, xor } = word
  return join(rotate(local, one), rotate(local, two), xor, shift(local, three), xor)
}

/** The constants of SHA-512, and their upper halves, which begin with those of SHA-256 (§4.2.2, §4.2.3, §5.3). */
export interface Sha2Constants {
  /** The state that a hash begins with. */
  readonly initial: readonly bigint[]
  readonly rounds: readonly bigint[]
}

/** 64 bits of the fractions of roots of the first primes: square roots of eight, cube roots of eighty. */
export function sha2Constants(): Sha2Constants {
  const primes: number[] = []
  for (let number = 2; primes.length < ROUNDS_512; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number)
  }
  const initial = primes.slice(0, STATE_WORDS).map((prime) => fractionOfRoot(prime, 2n, Math.sqrt(prime)))
  return { initial, rounds: primes.map((prime) => fractionOfRoot(prime, 3n, Math.cbrt(prime))) }
}

/** By Newton's method from above: a floating-point root has 52 of the bits already. */
function fractionOfRoot(prime: number, degree: bigint, near: number): bigint {
  const radicand = BigInt(prime) << (64n * degree)
  let root = BigInt(Math.ceil(near * 2 ** 40) + 1) << 24n
  for (;;) {
    const next = ((degree - 1n) * root + radicand / root ** (degree - 1n)) / degree
    if (next >= root) return BigInt.asUintN(64, root)
    root = next
  }
}
