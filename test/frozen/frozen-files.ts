import { frozenBundles } from './bundles.js'
import { frozenCards } from './cards.js'
import { frozenEnvelopes } from './envelopes.js'
import type { FrozenFile } from './frozen-file.js'
import { frozenHellos } from './hellos.js'
import { identities } from './identities.js'
import { frozenPayloads } from './payloads.js'
import { frozenTags } from './tags.js'
import { transcripts } from './transcripts.js'

/** Everything in `test/vectors/`. */
export const frozenFiles: readonly FrozenFile[] = [
  identities,
  frozenBundles,
  frozenCards,
  frozenHellos,
  frozenTags,
  frozenEnvelopes,
  transcripts,
  frozenPayloads
]
