import type { IdentityId, MessageStatus, NetworkSettings } from 'hallig'

/** What the demonstration tells a person's process to do. */
export type Order =
  | {
      readonly kind: 'open'
      readonly path: string
      readonly name: string
      readonly settings: NetworkSettings
    }
  | { readonly kind: 'make-card'; readonly size: 'short' | 'full'; readonly addresses: boolean }
  | { readonly kind: 'add-card'; readonly card: string }
  | { readonly kind: 'dial'; readonly address: string }
  | { readonly kind: 'tell-safety-number'; readonly contact: IdentityId }
  /** Write these texts, `pace` ms apart. */
  | {
      readonly kind: 'write'
      readonly to: IdentityId
      readonly texts: readonly string[]
      readonly pace: number
    }
  /** Everything that has been received. */
  | { readonly kind: 'mark-read' }
  | { readonly kind: 'export'; readonly file: string }
  | { readonly kind: 'import'; readonly file: string }
  | { readonly kind: 'close' }

/** What a person's process reports. `at` is in ms on the clock of `performance.timeOrigin`, which all processes share. */
export type Report =
  | {
      readonly kind: 'opened'
      readonly id: IdentityId
      readonly peer: string
      readonly addresses: readonly string[]
      /** Messages found in the store. */
      readonly talks: readonly {
        readonly contact: IdentityId
        readonly written: number
        readonly received: number
      }[]
    }
  /** The peers this person is linked to. */
  | { readonly kind: 'links'; readonly peers: readonly string[] }
  | { readonly kind: 'card'; readonly card: string }
  | { readonly kind: 'added'; readonly name: string }
  | { readonly kind: 'safety-number'; readonly digits: string }
  | { readonly kind: 'wrote'; readonly contact: IdentityId; readonly number: number; readonly at: number }
  | {
      readonly kind: 'status'
      readonly contact: IdentityId
      readonly number: number
      readonly status: MessageStatus
      readonly carriers: number
      readonly at: number
    }
  | { readonly kind: 'received'; readonly contact: IdentityId; readonly number: number; readonly at: number }
  | { readonly kind: 'finished-writing' }
  | { readonly kind: 'exported'; readonly envelopes: number; readonly bytes: number }
  /** Envelopes in the file, those of them that were not here yet, and those that were for this person. */
  | { readonly kind: 'imported'; readonly envelopes: number; readonly fresh: number; readonly opened: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string }

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
