/**
 * Domain separation: every hash, KDF and signature input begins with, or names, exactly one of these. A label is used
 * in one role only. (Plain SHA-256 names things by their content: envelopes, bundles, the challenge of a proof of
 * work.) On the wire of a hash it is `hallig/1/` followed by the name, in ASCII.
 */
const NAMES = [
  'ad',
  'bundle',
  'bundle/id',
  'bundle/key',
  'card',
  'certificate',
  'conversation',
  'dr/header',
  'dr/init',
  'dr/message',
  'dr/root',
  'dr/tag',
  'file/chain',
  'file/check',
  'file/network',
  'fingerprint',
  'hello/inner',
  'hello/key',
  'hello/view',
  'identity',
  'invite/mask',
  'invite/tag',
  'kem-prekey/id',
  'message/id',
  'pow',
  'pq/answer',
  'pq/epoch',
  'pq/init',
  'pq/offer',
  'pqxdh',
  'safety-number',
  'session',
  'shard',
  'sync/fingerprint',
  'sync/salt',
  'tag'
] as const

export type LabelName = (typeof NAMES)[number]

const encoder = new TextEncoder()
const labels = new Map<string, Uint8Array>(NAMES.map((name) => [name, encoder.encode(`hallig/1/${name}`)]))

/** The bytes of a label. */
export function label(name: LabelName): Uint8Array {
  const bytes = labels.get(name)
  if (bytes === undefined) throw new RangeError(`No label ${name}`)
  return bytes
}

/** All label names, for the test that each has one role. */
export const labelNames: readonly LabelName[] = NAMES
