import type { RandomSource } from '../../src/crypto/random.js'
import { openDirect, sealDirect } from '../../src/protocol/envelope/direct.js'
import { expiryDay, outlineEnvelope } from '../../src/protocol/envelope/envelope.js'
import { unpad } from '../../src/protocol/envelope/padding.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import {
  decryptMessage,
  decryptSkipped,
  type Decrypted,
  type ExpectedMessage
} from '../../src/protocol/ratchet/decrypt.js'
import { expectedRuns, type TagRun } from '../../src/protocol/ratchet/expected-tags.js'
import { chainTags } from '../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { expectKind, must, NOW } from './protocol-values.js'

/** One side of a session with its skipped keys: the least a messenger must keep. */
export interface Endpoint {
  readonly session: Session
  /** Keys by tag, in hexadecimal. */
  readonly skipped: ReadonlyMap<string, Uint8Array>
}

export type Receipt =
  | {
      readonly kind: 'delivered'
      readonly endpoint: Endpoint
      readonly content: Uint8Array
      readonly text: string
    }
  | { readonly kind: 'unrecognised' }
  | { readonly kind: 'rejected'; readonly reason: string }

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function endpointOf(session: Session): Endpoint {
  return { session, skipped: new Map() }
}

export function sendText(
  endpoint: Endpoint,
  text: string,
  random: RandomSource
): { readonly endpoint: Endpoint; readonly envelope: Uint8Array } {
  const day = expiryDay(NOW, 7 * DAY_MS)
  const sealed = expectKind(
    sealDirect(endpoint.session, new TextEncoder().encode(text), day, random),
    'sealed'
  )
  return { endpoint: { ...endpoint, session: sealed.session }, envelope: sealed.envelope }
}

/** Remembers computed tags, so that a test with thousands of envelopes stays short. */
export class TagLookup {
  readonly #chains = new Map<
    string,
    { readonly from: number; readonly to: number; readonly numbers: Map<string, number> }
  >()

  match(session: Session, tag: Uint8Array): ExpectedMessage | undefined {
    const runs = expectedRuns(session)
    for (const [index, run] of runs.entries()) {
      const number = this.#numbers(run).get(hexOf(tag))
      if (number === undefined || number < run.from || number >= run.to) continue
      return { chain: index === runs.length - 1 ? 'next' : 'current', number }
    }
    return undefined
  }

  #numbers(run: TagRun): ReadonlyMap<string, number> {
    const key = hexOf(run.tagKey)
    const known = this.#chains.get(key)
    if (known !== undefined && known.from <= run.from && known.to >= run.to) return known.numbers
    const extend = known !== undefined && known.from <= run.from
    const from = extend ? known.to : run.from
    const numbers = extend ? known.numbers : new Map<string, number>()
    for (const [index, tag] of chainTags(run.tagKey, from, run.to).entries())
      numbers.set(hexOf(tag), from + index)
    this.#chains.set(key, { from: extend ? known.from : run.from, to: run.to, numbers })
    return numbers
  }
}

/** Recognise by tag, decrypt, keep what was skipped: as a messenger does it, without a store. */
export function receive(endpoint: Endpoint, envelope: Uint8Array, tags: TagLookup): Receipt {
  const outlined = outlineEnvelope(envelope, NOW)
  if (outlined.kind === 'rejected') return outlined
  const { prefix, message } = openDirect(outlined.outline)
  const tag = hexOf(outlined.outline.tag)
  const key = endpoint.skipped.get(tag)
  if (key !== undefined) {
    const late = decryptSkipped(endpoint.session, key, prefix, message)
    return late.kind === 'rejected' ? late : delivered(endpoint, late, tag)
  }
  const expected = tags.match(endpoint.session, outlined.outline.tag)
  if (expected === undefined) return { kind: 'unrecognised' }
  const step = decryptMessage(endpoint.session, expected, prefix, message)
  return step.kind === 'rejected' ? step : delivered(endpoint, step)
}

function delivered(endpoint: Endpoint, step: Decrypted, used?: string): Receipt {
  const skipped = new Map(endpoint.skipped)
  if (used !== undefined) skipped.delete(used)
  for (const { tag, key } of step.skipped) skipped.set(hexOf(tag), key)
  const content = must(unpad(step.body))
  const text = new TextDecoder().decode(content)
  return { kind: 'delivered', endpoint: { session: step.session, skipped }, content, text }
}
