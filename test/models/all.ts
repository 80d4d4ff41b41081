import { bundles } from './bundles.js'
import { choice } from './choice.js'
import { delivery } from './delivery.js'
import type { Model } from './history.js'
import { messengers } from './messengers.js'
import { pairs } from './pairs.js'
import { prekeys } from './prekeys.js'
import { clones, ratchet } from './ratchet.js'
import { storm } from './storm.js'

/** Every model: what a deep run goes through. */
export const models: readonly Model[] = [
  ratchet,
  clones,
  pairs,
  choice,
  bundles,
  prekeys,
  delivery,
  messengers,
  storm
]
