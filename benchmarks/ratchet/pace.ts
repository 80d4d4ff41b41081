import { performance } from 'node:perf_hooks'
import type { Pair, Side } from './subject.js'

/** Messages between two looks at the clock. */
const STRIDE = 8

/** Bytes of the messages whose speed is measured. */
export const CONTENT_BYTES = 256

/** ASCII, as some take text only. */
export function contentOf(length: number): Uint8Array {
  return new Uint8Array(length).fill('a'.charCodeAt(0))
}

/**
 * Messages encrypted and decrypted a second, and µs of processor time each takes, during `duration` ms: all from one side, or from either in
 * turn.
 */
export async function pace(
  pair: Pair,
  isAlternating: boolean,
  duration: number
): Promise<readonly [perSecond: number, processor: number]> {
  const content = contentOf(CONTENT_BYTES)
  const before = process.cpuUsage()
  const start = performance.now()
  let count = 0
  let elapsed: number
  let from: Side = 0
  do {
    for (let step = 0; step < STRIDE; step++) {
      const message = await pair.encrypt(from, content)
      const decrypted = await pair.decrypt(from === 0 ? 1 : 0, message)
      if (decrypted.length !== content.length) throw new Error('The content came back changed')
      if (isAlternating) from = from === 0 ? 1 : 0
    }
    count += STRIDE
    elapsed = performance.now() - start
  } while (elapsed < duration)
  const { user, system } = process.cpuUsage(before)
  return [(count / elapsed) * 1000, (user + system) / count]
}

/** µs of one call, during `duration` ms. */
export function each(step: () => void, duration: number): number {
  const start = performance.now()
  let count = 0
  let elapsed: number
  do {
    for (let index = 0; index < STRIDE; index++) step()
    count += STRIDE
    elapsed = performance.now() - start
  } while (elapsed < duration)
  return (elapsed / count) * 1000
}
