import type { Clock } from '../../clock.js'
import { sha256 } from '../../crypto/hash.js'
import type { Network } from '../../network/network.js'
import { MAX_ADDRESSES } from '../../protocol/limits.js'
import { encodeBody, type Body } from '../../protocol/message/payload.js'
import type { Prekeys } from '../../protocol/prekeys/prekeys.js'
import type { OwnRecord } from '../../storage/records/own-record.js'
import { toldAddresses } from './told-addresses.js'

/** How long the addresses of this node are taken as they were, ms: asking for them is dear, and they rarely change. */
const FRESH = 5_000
const DIGEST_BYTES = 16

/** What contacts are told of us, and its hash. */
export interface Profile {
  readonly profile: NonNullable<Body['profile']>
  readonly digest: Uint8Array
}

interface OwnProfileParts {
  readonly own: { readonly record: OwnRecord; readonly prekeys: Prekeys }
  readonly network: Pick<Network, 'addresses'>
  readonly clock: Clock
}

/** Our profile as it is now, computed when something of it may have changed. */
export class OwnProfile {
  readonly #parts: OwnProfileParts
  #current:
    (Profile & { readonly record: unknown; readonly prekeys: unknown; readonly at: number }) | undefined

  constructor(parts: OwnProfileParts) {
    this.#parts = parts
  }

  current(): Profile {
    const { own, network, clock } = this.#parts
    const { record, prekeys } = own
    const at = clock.now()
    const known = this.#current
    const isFresh = known !== undefined && at - known.at < FRESH && at >= known.at
    if (isFresh && known.record === record && known.prekeys === prekeys) return known
    const profile = {
      name: record.name,
      addresses: toldAddresses(network.addresses(), MAX_ADDRESSES),
      bundle: prekeys.bundle
    }
    const encoded = encodeBody({
      stream: new Uint8Array(0),
      number: 0,
      clock: 0,
      parents: [],
      sentAt: 0,
      profile
    })
    const computed = { profile, digest: sha256(encoded).slice(0, DIGEST_BYTES), record, prekeys, at }
    this.#current = computed
    return computed
  }
}
