import type { NetworkSettings } from 'hallig'

/** Who lives where when the story begins. */
export const INHABITANTS = {
  Langeness: ['Alice', 'Bob', 'Carol'],
  Hooge: ['Dora', 'Emil', 'Frieda']
} as const

export type Island = keyof typeof INHABITANTS

/** What a process of somebody is started with. */
export interface Place {
  /** A command that it runs under; empty for none. */
  readonly prefix: readonly string[]
  readonly settings: NetworkSettings
}

/** A person as far as islands care. */
export interface Islander {
  readonly name: string
  readonly isUp: boolean
  /** Where the node of this person listens. */
  readonly addresses: readonly string[]
  dial(address: string): void
  /** Start a process for this person, and end it. */
  start(): Promise<unknown>
  close(): Promise<void>
}

/** Two networks that cannot reach each other, and who is on which. */
export interface Islands {
  /** What keeps them apart, in a sentence or two. */
  readonly account: string
  /** Whether people find each other by multicast. */
  readonly isFoundByMulticast: boolean
  placeOf(name: string): Place
  /** Where somebody is now. */
  islandOf(name: string): Island
  /** What a stranger on an island runs under. */
  strangerOn(island: Island): readonly string[]
  /** Somebody's process is up: link it to the others on the island, unless they find each other. */
  arrive(person: Islander): void
  /** Bring somebody to the other island; resolves with a word on how. */
  walk(person: Islander, to: Island): Promise<string>
  /** Make one network of the two; tells how. */
  join(): string
  /** Leave nothing behind. */
  remove(): void
}

export function homeOf(name: string): Island {
  return INHABITANTS.Hooge.some((inhabitant) => inhabitant === name) ? 'Hooge' : 'Langeness'
}
