import { createHash } from 'node:crypto'
import { decodeParcel } from '../../src/codec/parcel.js'
import type { Libp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import type { Libp2pNetworkOptions } from '../../src/network/libp2p/options.js'
import { createTestNetwork } from './network-libp2p.js'
import { createRecorder } from './network-recorder.js'

/** Where the tag of an envelope lies: it belongs to one message key. */
const TAG = { from: 4, to: 20 }

/** A node over which others reach each other: it hears everything, passes it on, and counts keys that sealed two envelopes. */
export class Tap {
  readonly network: Libp2pNetwork
  keysReused = 0
  readonly #topic: string
  readonly #sealed = new Map<string, string>()

  constructor(topic: string, options: Partial<Libp2pNetworkOptions> = {}) {
    this.#topic = topic
    this.network = createTestNetwork({ topics: [topic], ...options })
  }

  /** Envelopes heard, each once. */
  get envelopes(): number {
    return this.#sealed.size
  }

  /** Resolves with an address to dial. */
  async start(): Promise<string> {
    const { handlers } = createRecorder()
    this.network.join(this.#topic)
    await this.network.start({
      ...handlers,
      onParcel: (_, parcel) => {
        for (const envelope of decodeParcel(parcel) ?? []) this.#look(envelope)
      }
    })
    return this.network.addresses()[0] ?? ''
  }

  #look(envelope: Uint8Array): void {
    const tag = Buffer.from(envelope.subarray(TAG.from, TAG.to)).toString('hex')
    const hash = createHash('sha256').update(envelope).digest('hex')
    const known = this.#sealed.get(tag)
    if (known !== undefined && known !== hash) this.keysReused += 1
    this.#sealed.set(tag, hash)
  }
}
