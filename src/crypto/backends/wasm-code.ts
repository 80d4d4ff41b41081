/**
 * As much of WebAssembly's binary format (core specification 2.0, §5) as hashes need. Code is a list of bytes; an instruction takes what those before it
 * left on the stack.
 */
export type Code = readonly number[]

/** Types of values (§5.3). */
export const I32 = 0x7f
export const I64 = 0x7e
export const V128 = 0x7b

const MORE = 0x80
const LOW_BITS = 0x7f
const SIGN_BIT = 0x40

/** LEB128 of a number without sign (§5.2.2). */
export function unsigned(value: number): Code {
  const bytes: number[] = []
  let rest = value
  for (; rest > LOW_BITS; rest >>>= 7) bytes.push((rest & LOW_BITS) | MORE)
  return [...bytes, rest]
}

/** LEB128 of a number, not negative, where it might be: its last byte has no sign bit (§5.2.2). */
function signed(value: number): Code {
  const bytes: number[] = []
  let rest = value
  for (; rest >= SIGN_BIT; rest >>= 7) bytes.push((rest & LOW_BITS) | MORE)
  return [...bytes, rest]
}

/** Push a local, which are the parameters and then the others, at most 128. */
export function get(local: number): Code {
  return [0x20, local]
}

export function set(local: number): Code {
  return [0x21, local]
}

/** Push a constant. */
export function i32(value: number): Code {
  return [0x41, ...signed(value)]
}

export function i64(value: number): Code {
  return [0x42, ...signed(value)]
}

export const I32_ADD: Code = [0x6a]

/** An instruction on vectors: one byte says so before its own number (§5.4.8). */
export function vector(instruction: number): Code {
  return [0xfd, ...unsigned(instruction)]
}

/** What memory is read or written at: a constant beyond the address on the stack, which is a multiple of 2 ** `alignment`. */
export function at(alignment: number, offset: number): Code {
  return [alignment, ...unsigned(offset)]
}

/** `body` once, and again as long as two locals of type i32 differ after it. */
export function repeatUntilEqual(body: Code, one: number, other: number): Code {
  return join([0x03, 0x40], body, get(one), get(other), [0x47, 0x0d, 0, 0x0b])
}

/** A function that returns nothing and takes so many parameters, all of type i32. */
export interface WasmFunction {
  readonly name: string
  /** The locals beside the parameters: how many of which type. */
  readonly locals: readonly (readonly [count: number, type: number])[]
  readonly body: Code
}

/** Code that follows code. Of long ones this takes a tenth of what spreading them does. */
export function join(...parts: readonly Code[]): Code {
  const nothing: Code = []
  return nothing.concat(...parts)
}

/** A module (§5.5) that exports functions, all with `parameters`, and its `memory` of one page of 64 KiB. */
export function wasmModule(functions: readonly WasmFunction[], parameters: number): Uint8Array<ArrayBuffer> {
  const type = join([0x60], list(Array.from({ length: parameters }, () => [I32])), [0])
  const exported = functions.map(({ name }, index) => join(text(name), [0, index]))
  const bodies = functions.map(({ locals, body }) => {
    const declared = locals.map(([count, kind]) => join(unsigned(count), [kind]))
    return sized(join(list(declared), body, [0x0b]))
  })
  return Uint8Array.from(
    join(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [type]),
      section(
        3,
        Array.from(functions, () => [0])
      ),
      section(5, [[0, 1]]),
      section(7, [...exported, join(text('memory'), [2, 0])]),
      section(10, bodies)
    )
  )
}

function section(id: number, items: readonly Code[]): Code {
  return join([id], sized(list(items)))
}

function sized(bytes: Code): Code {
  return join(unsigned(bytes.length), bytes)
}

function list(items: readonly Code[]): Code {
  return join(unsigned(items.length), ...items)
}

function text(ascii: string): Code {
  return sized(Array.from(ascii, (character) => character.charCodeAt(0)))
}
