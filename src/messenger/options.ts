import type { Libp2p } from '@libp2p/interface'
import type { Clock } from '../clock.js'
import type { RandomSource } from '../crypto/random.js'
import type { Network } from '../network/network.js'
import type { Store } from '../storage/store.js'

/** Where diagnosis goes: one sentence and plain facts, never a key, a text or a contact's identity. */
export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, string | number | boolean>>): void
  warn(message: string, facts?: Readonly<Record<string, string | number | boolean>>): void
}

/** Settings of the libp2p network that `createMessenger` makes when no `network` is given. */
export interface NetworkSettings {
  /** Names the deployment; nodes of other names do not see each other's envelopes. Default `main`. */
  readonly name?: string | undefined
  /**
   * Multiaddrs to listen on. Default: TCP and WebSocket on every interface, ports chosen by the system. One that ends
   * in `/p2p-circuit`, after the address of a relay with its peer id, is a relay to be reached through, from behind a
   * NAT; cards and contacts are told of it while it has a place for this node.
   */
  readonly listen?: readonly string[] | undefined
  /** Multiaddrs to dial at start and keep a link to. */
  readonly bootstrap?: readonly string[] | undefined
  /** Be a relay (libp2p's circuit relay v2): others may be reached through this node. Not in browsers. Default false. */
  readonly relay?: boolean | undefined
  /** Find nodes on the local network by multicast. Default true where sockets exist. */
  readonly lan?: boolean | undefined
  /** A started libp2p node of the app's own; see `docs/embedding.md` for what it must have. */
  readonly libp2p?: Libp2p | undefined
}

export interface MessengerOptions {
  /** Directory (Node) or database name (browser) of the store. Without `path` and `store` everything is in memory and gone at `close()`. */
  readonly path?: string | undefined
  /** A store of your own instead of `path`. */
  readonly store?: Store | undefined
  /**
   * What unlocks the store: a passphrase, or 32 raw bytes. Default with `path`: a key file beside the store (`<path>.key`, mode 0600),
   * made on first use; in browsers that have them it lies in a storage bucket, and is needed beside the others too.
   */
  readonly unlock?:
    | { readonly kind: 'passphrase'; readonly passphrase: string }
    | { readonly kind: 'key'; readonly key: Uint8Array }
    | { readonly kind: 'key-file'; readonly file: string }
    | undefined
  /**
   * The store was put back from a copy, a snapshot or a backup: go on under a new incarnation, so that nothing is sealed twice with what the copy
   * holds. Default false. With `path` on Node a copy of the directory is noticed without it; an old snapshot of the whole disk is not.
   */
  readonly restored?: boolean | undefined
  /** `power-loss` (default): a resolved `send` survives a power cut. `process-crash`: survives kill -9 only, and is faster. */
  readonly durability?: 'power-loss' | 'process-crash' | undefined
  /** The name put on new cards and told to contacts. */
  readonly name?: string | undefined
  /** A network of your own (the in-memory one in tests), or settings for the libp2p one. */
  readonly network?: Network | NetworkSettings | undefined
  /** Carry envelopes for others, as everybody does for everybody. Default true; false for a device that cannot spare the room or the battery. */
  readonly carrier?: boolean | undefined
  readonly mailbox?:
    | {
        /** Most bytes of envelopes kept for others. Default 256 MiB. */
        readonly quota?: number | undefined
      }
    | undefined
  /**
   * Bytes this device may send within any 60 minutes, at least 65,536: what its messenger publishes, passes on,
   * answers and asks for, kept over restarts. What gossip and links need for themselves comes on top, and so does
   * what others send unasked. When half is used, nothing is done for others any more; then own messages wait, routine
   * ones from 70 %, urgent ones from 80 %, receipts from 90 %; emergencies go on until the end. Default: no bound.
   */
  readonly budget?: { readonly bytesPerHour: number } | undefined
  /**
   * For devices on a battery, whose app tells its level with `setPower`. `carryAbove`: the level above which
   * envelopes of others are carried, 0 (empty) to 1 (full). At or below it this device does only what is its own: it
   * keeps and passes on nothing for others, and looks for news and for neighbours ten times less often; its own
   * messages go and come as before. It is the level *above* which it carries, because that is what people mean who
   * want to save theirs; while charging it carries in any case. Default: it always does.
   */
  readonly power?: { readonly carryAbove: number } | undefined
  readonly clock?: Clock | undefined
  readonly random?: RandomSource | undefined
  readonly logger?: Logger | undefined
  /** `false`: open the store only; call `start()` to take part in the network. Default true. */
  readonly start?: boolean | undefined
}
