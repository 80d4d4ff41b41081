import { transportSymbol } from '@libp2p/interface'
import type { Connection, Listener, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { unlessAborted } from '../../on-abort.js'
import { isRelayed } from './addresses.js'

/** Dials through relays, and listens nowhere. The transport that does so is loaded when the first such address is dialled: few nodes ever need it. */
export class RelayedDials implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = 'hallig-relayed-dials'
  readonly #load: () => Promise<Transport>
  #transport: Promise<Transport> | undefined

  constructor(load: () => Promise<Transport>) {
    this.#load = load
  }

  async dial(...[address, options]: Parameters<Transport['dial']>): Promise<Connection> {
    const transport = await unlessAborted(this.#loaded(), options.signal)
    return await transport.dial(address, options)
  }

  /** Loaded once; where that fails, as in a page while its server cannot be reached, the next dial tries anew. */
  #loaded(): Promise<Transport> {
    this.#transport ??= this.#load().catch((error: unknown) => {
      this.#transport = undefined
      throw error
    })
    return this.#transport
  }

  createListener(): Listener {
    throw new Error('No relay is named to listen at')
  }

  listenFilter(): Multiaddr[] {
    return []
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(isRelayed)
  }
}
