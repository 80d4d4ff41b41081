import type { KeyRange, Store, Write } from '../../src/storage/store.js'

/** A value that says `text`. */
export function value(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** What a value says. */
export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

export function put(key: string, content: string | Uint8Array): Write {
  return { type: 'put', key, value: typeof content === 'string' ? value(content) : content }
}

export function remove(key: string): Write {
  return { type: 'delete', key }
}

/** The pairs of a range, with their values as text. */
export async function pairsOf(store: Store, range: KeyRange = {}): Promise<[string, string | undefined][]> {
  const pairs: [string, string | undefined][] = []
  for await (const [key, bytes] of store.range(range)) pairs.push([key, text(bytes)])
  return pairs
}

export async function keysOf(store: Store, range: KeyRange = {}): Promise<string[]> {
  return (await pairsOf(store, range)).map(([key]) => key)
}
