import type { IdentityId } from '../codec/ids.js'
import { expectedRuns, type TagRun } from '../protocol/ratchet/expected-tags.js'
import type { Session } from '../protocol/ratchet/session.js'
import { chainTags } from '../protocol/ratchet/kdf.js'
import { inviteTags } from '../protocol/handshake/invite.js'

/** What a tag says of an envelope. It authenticates nothing: whoever saw the envelope can copy its tag. */
export type Recognised =
  | {
      readonly kind: 'expected'
      readonly contactId: IdentityId
      readonly sessionId: Uint8Array
      readonly tagKey: Uint8Array
      readonly number: number
    }
  | { readonly kind: 'skipped'; readonly contactId: IdentityId; readonly sessionId: Uint8Array }
  | { readonly kind: 'invited'; readonly secret: Uint8Array; readonly count: number }

/** Tags as map keys: one character per byte. */
function keyOf(tag: Uint8Array): string {
  return String.fromCharCode(...tag)
}

interface IndexedRun {
  from: number
  to: number
  /** Keys of the tags from `from` on. */
  readonly keys: string[]
}

/** All tags this device waits for, kept in step with the sessions' states. */
export class TagIndex {
  readonly #entries = new Map<string, Recognised>()
  /** By the tag key's own array: a chain keeps it from step to step. */
  readonly #runs = new Map<Uint8Array, IndexedRun>()

  get size(): number {
    return this.#entries.size
  }

  find(tag: Uint8Array): Recognised | undefined {
    return this.#entries.get(keyOf(tag))
  }

  /** Follow a contact's sessions from one state to the next. */
  update(contactId: IdentityId, before: readonly Session[], after: readonly Session[]): void {
    if (before === after) return
    const gone = before.filter((session) => !after.includes(session)).flatMap(expectedRuns)
    const kept = new Set<Uint8Array>()
    for (const session of after) {
      if (before.includes(session)) continue
      for (const run of expectedRuns(session)) {
        kept.add(run.tagKey)
        this.#slide(contactId, session.id, run)
      }
    }
    for (const run of gone) if (!kept.has(run.tagKey)) this.#drop(run.tagKey)
  }

  addSkipped(contactId: IdentityId, sessionId: Uint8Array, tag: Uint8Array): void {
    this.#entries.set(keyOf(tag), { kind: 'skipped', contactId, sessionId })
  }

  addInvite(secret: Uint8Array): void {
    for (const [count, tag] of inviteTags(secret).entries()) {
      this.#entries.set(keyOf(tag), { kind: 'invited', secret, count })
    }
  }

  removeInvite(secret: Uint8Array): void {
    for (const tag of inviteTags(secret)) this.remove(tag)
  }

  remove(tag: Uint8Array): void {
    this.#entries.delete(keyOf(tag))
  }

  #slide(contactId: IdentityId, sessionId: Uint8Array, run: TagRun): void {
    const { tagKey } = run
    const known = this.#runs.get(tagKey)
    const indexed = known ?? { from: run.from, to: run.from, keys: [] }
    if (known === undefined) this.#runs.set(tagKey, indexed)
    for (; indexed.from < run.from && indexed.keys.length > 0; indexed.from++) {
      const key = indexed.keys.shift()
      if (key !== undefined) this.#entries.delete(key)
    }
    const start = Math.max(indexed.to, run.from)
    for (const [offset, tag] of chainTags(tagKey, start, run.to).entries()) {
      const key = keyOf(tag)
      indexed.keys.push(key)
      this.#entries.set(key, { kind: 'expected', contactId, sessionId, tagKey, number: start + offset })
    }
    indexed.from = run.from
    indexed.to = Math.max(indexed.to, run.to)
  }

  #drop(tagKey: Uint8Array): void {
    const run = this.#runs.get(tagKey)
    if (run === undefined) return
    for (const key of run.keys) this.#entries.delete(key)
    this.#runs.delete(tagKey)
  }
}
