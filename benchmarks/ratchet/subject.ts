/** A value now or later: peers answer at once or with promises, and each is waited for as it asks to be. */
export type Eventual<T> = T | Promise<T>

/** 0 wrote first. */
export type Side = 0 | 1

/** A message as it travels; a string has one byte per character. */
export type Wire = Uint8Array | string

/** Two ends of a session that both have heard the other. Each step stores the state it leads to, serialised, in memory. */
export interface Pair {
  readonly encrypt: (from: Side, content: Uint8Array) => Eventual<Wire>
  readonly decrypt: (to: Side, message: Wire) => Eventual<Uint8Array>
  /** Serialises the state of a side and keeps it; absent where a peer does not offer it by itself. */
  readonly serialise?: (side: Side) => void
  /** Parses what was kept of a side. */
  readonly parse?: (side: Side) => void
}

/** Two people of whom one has published what a session begins with. */
export interface Strangers {
  /** From the published bundle until both have decrypted a message of the other. */
  readonly meet: () => Eventual<Pair>
}

/** One implementation under comparison. */
export interface Subject {
  readonly makeStrangers: () => Eventual<Strangers>
}

/** The content of the first messages in either direction. */
export const GREETING = new TextEncoder().encode('hello')

/** The bytes of a message that must be bytes. */
export function bytesOf(message: Wire): Uint8Array {
  if (typeof message === 'string') throw new TypeError('This message should be bytes')
  return message
}

/** The text of a message that must be a string. */
export function textOf(message: Wire): string {
  if (typeof message !== 'string') throw new TypeError('This message should be a string')
  return message
}
