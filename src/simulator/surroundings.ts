import type { VirtualClock } from './virtual-clock.js'
import type { RandomSource } from '../crypto/random.js'
import type { Message, MessengerEvents } from '../messenger/messenger.js'
import type { MemoryHub } from '../network/memory-network.js'
import type { PeerName } from '../network/network.js'
import type { Death } from './life.js'

/** Something that happened to somebody, as the world saw it. */
export type WorldEvent =
  /** An envelope left a messenger. */
  | { readonly kind: 'publish'; readonly envelope: Uint8Array }
  | { readonly kind: 'receive'; readonly message: Message }
  | { readonly kind: 'update'; readonly message: Message }
  | { readonly kind: 'refuse'; readonly reason: MessengerEvents['envelope:reject']['detail']['reason'] }
  | { readonly kind: 'change'; readonly change: string }
  /** Its store made a commit, of so many writes. */
  | { readonly kind: 'commit'; readonly writes: number }
  | { readonly kind: 'warn'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'death'; readonly death: Death }

/** What a person needs of the world it lives in. */
export interface Surroundings {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  /** Repeatable randomness of this name; the same name again gives the same bytes. */
  random(name: string): RandomSource
  /** ms the next commit takes. */
  commitDelay(): number
  /** Let time pass until `promise` has settled. */
  run<T>(promise: Promise<T>, limitMs?: number): Promise<T>
  note(by: PeerName, event: WorldEvent): void
}
