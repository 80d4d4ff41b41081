import type { MessageStatus, MessengerStatus } from 'hallig'

/** What the demonstration tells a person's process to do. */
export type Order =
  | {
      readonly kind: 'open'
      readonly path: string
      readonly name: string
      readonly network: string
      readonly lan: boolean
      readonly bootstrap: readonly string[]
    }
  | { readonly kind: 'make-card'; readonly size: 'short' | 'full'; readonly addresses: boolean }
  | { readonly kind: 'add-card'; readonly card: string }
  | { readonly kind: 'dial'; readonly address: string }
  | { readonly kind: 'tell-links' }
  | { readonly kind: 'tell-safety-number' }
  /** Write messages until `until` of them are in the own history, `pace` ms apart. */
  | { readonly kind: 'write'; readonly until: number; readonly pace: number }
  /** Wait until nothing is left to be delivered. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'mark-read' }
  | { readonly kind: 'close' }

/** What a person's process reports. `at` is in ms on the clock of `performance.timeOrigin`, which all processes share. */
export type Report =
  | {
      readonly kind: 'opened'
      readonly id: string
      readonly peer: string
      readonly addresses: readonly string[]
      /** Messages found in the store. */
      readonly written: number
      readonly received: number
    }
  | {
      readonly kind: 'links'
      readonly links: readonly Link[]
      readonly lan: NonNullable<MessengerStatus['lan']> | null
    }
  | { readonly kind: 'card'; readonly card: string }
  | { readonly kind: 'added'; readonly name: string }
  | { readonly kind: 'safety-number'; readonly digits: string }
  | { readonly kind: 'wrote'; readonly number: number; readonly at: number }
  | { readonly kind: 'status'; readonly number: number; readonly status: MessageStatus; readonly at: number }
  | { readonly kind: 'received'; readonly number: number; readonly at: number }
  | { readonly kind: 'finished-writing' }
  | { readonly kind: 'settled' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string }

/** A peer somebody is linked to, and the address of the link. */
export interface Link {
  readonly peer: string
  readonly address: string
}

/** What the demonstration tells the observer. */
export type ObserverOrder =
  | { readonly kind: 'watch'; readonly topic: string }
  | { readonly kind: 'dial'; readonly address: string }
  /** Look for any eight bytes of these, given as hexadecimal, in everything seen. */
  | { readonly kind: 'search'; readonly secrets: readonly Secret[] }
  | { readonly kind: 'close' }

/** Something that must not be seen on the wire: what it is, and its bytes as hexadecimal. */
export interface Secret {
  readonly name: string
  readonly hex: string
}

export type ObserverReport =
  | { readonly kind: 'watching' }
  /** The peers it is linked to that take part in the topic. */
  | { readonly kind: 'neighbours'; readonly peers: readonly string[] }
  | { readonly kind: 'saw'; readonly sight: Sight }
  | { readonly kind: 'failed'; readonly reason: string }

/** Everything the observer can say. */
export interface Sight {
  readonly parcels: number
  readonly envelopes: number
  /** Envelopes without those that were sent again. */
  readonly distinct: number
  readonly bytes: number
  /** Parcels by topic. */
  readonly topics: Readonly<Record<string, number>>
  /** Envelopes by their size in bytes. */
  readonly envelopeSizes: Readonly<Record<string, number>>
  readonly parcelSizes: { readonly smallest: number; readonly median: number; readonly largest: number }
  /** gossipsub messages that name an author or carry a signature. */
  readonly signed: number
  /** What is left of the envelopes' contents after compression, in percent: random bytes do not shrink. */
  readonly compressedTo: number
  /** Bytes of secrets looked for, and the names of those found. */
  readonly searched: number
  readonly found: readonly string[]
}
