import type { IdentityId } from '../codec/ids.js'
import { compareBytes } from '../protocol/compare-bytes.js'
import { expectedRuns, type TagRun } from '../protocol/ratchet/expected-tags.js'
import type { Session } from '../protocol/ratchet/session.js'
import { chainTag, chainTags, TAGS_PER_BLOCK } from '../protocol/ratchet/kdf.js'
import { inviteTags } from '../protocol/handshake/invite.js'
import { TagTable } from './tag-table.js'

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

/** Bits of an entry for a message's number: more than the largest window, so that they tell numbers of one run apart. */
const NUMBER_BITS = 11
const NUMBERS = 2 ** NUMBER_BITS
/** Runs that may be indexed at once: what is left of an entry. Their sessions would fill gigabytes. */
const MAX_RUNS = 2 ** (32 - NUMBER_BITS) - 1
/** Entries of runs that are gone are cleared when they make up this share of the table. */
const MAX_STALE_SHARE = 1 / 8
/** Stale entries not worth looking for. */
const MIN_STALE = 4_096

/** Bytes as map keys: one character per byte. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function fingerprintOf(tag: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = tag
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

interface IndexedRun {
  readonly id: number
  readonly contactId: IdentityId
  sessionId: Uint8Array
  tagKey: Uint8Array
  from: number
  to: number
  /** What of it is in the table: whole blocks of tags, as they are computed, around `from` and `to`. */
  first: number
  end: number
}

/**
 * All tags this device waits for, kept in step with the sessions' states. Ten thousand sessions wait for millions of tags, so there is a compact table
 * of fingerprints with run and number; whether a tag is the one of that number is computed anew.
 */
export class TagIndex {
  readonly #table = new TagTable()
  /** By id. */
  readonly #runs: (IndexedRun | undefined)[] = []
  readonly #idsByTagKey = new Map<string, number>()
  /** Skipped keys and invites, by tag. */
  readonly #others = new Map<string, Recognised>()
  #size = 0
  /** Entries in the table whose runs are gone. */
  #stale = 0
  /** Ids in no entry, and ids whose entries are still in the table. */
  readonly #freeIds: number[] = []
  #goneIds: number[] = []
  #clearing: { readonly ids: readonly number[]; part: number } | undefined

  get size(): number {
    return this.#size + this.#others.size
  }

  find(tag: Uint8Array): Recognised | undefined {
    const entry = this.#table.find(fingerprintOf(tag), (candidate) => this.#isTag(candidate, tag))
    const run = this.#runOf(entry)
    if (run === undefined) return this.#others.size === 0 ? undefined : this.#others.get(keyOf(tag))
    const { contactId, sessionId, tagKey } = run
    return { kind: 'expected', contactId, sessionId, tagKey, number: numberIn(run, entry) }
  }

  /** Follow a contact's sessions from one state to the next. */
  update(contactId: IdentityId, before: readonly Session[], after: readonly Session[]): void {
    if (before === after) return
    const gone = before.filter((session) => !after.includes(session)).flatMap(expectedRuns)
    const kept = new Set<number>()
    for (const session of after) {
      if (before.includes(session)) continue
      for (const run of expectedRuns(session)) kept.add(this.#slide(contactId, session.id, run))
    }
    for (const { tagKey } of gone) {
      const id = this.#idsByTagKey.get(keyOf(tagKey))
      if (id !== undefined && !kept.has(id)) this.#drop(id)
    }
  }

  addSkipped(contactId: IdentityId, sessionId: Uint8Array, tag: Uint8Array): void {
    this.#others.set(keyOf(tag), { kind: 'skipped', contactId, sessionId })
  }

  addInvite(secret: Uint8Array): void {
    for (const [count, tag] of inviteTags(secret).entries()) {
      this.#others.set(keyOf(tag), { kind: 'invited', secret, count })
    }
  }

  removeInvite(secret: Uint8Array): void {
    for (const tag of inviteTags(secret)) this.remove(tag)
  }

  /** Forget a skipped key or an invite's tag. */
  remove(tag: Uint8Array): void {
    this.#others.delete(keyOf(tag))
  }

  #runOf(entry: number): IndexedRun | undefined {
    return this.#runs[(entry >>> NUMBER_BITS) - 1]
  }

  #isTag(entry: number, tag: Uint8Array): boolean {
    const run = this.#runOf(entry)
    if (run === undefined) return false
    const number = numberIn(run, entry)
    return number >= run.from && number < run.to && compareBytes(chainTag(run.tagKey, number), tag) === 0
  }

  #slide(contactId: IdentityId, sessionId: Uint8Array, { tagKey, from, to }: TagRun): number {
    const key = keyOf(tagKey)
    const known = this.#runs[this.#idsByTagKey.get(key) ?? -1]
    const begun = from - (from % TAGS_PER_BLOCK)
    const run = known ?? this.#begin(key, { contactId, sessionId, tagKey, from, to: from, first: begun, end: begun })
    this.#size += to - from - (run.to - run.from)
    this.#each(run, run.first, Math.min(begun, run.end), (fingerprint, entry) => {
      this.#table.remove(fingerprint, entry)
    })
    run.first = Math.max(run.first, begun)
    const end = to + ((TAGS_PER_BLOCK - (to % TAGS_PER_BLOCK)) % TAGS_PER_BLOCK)
    this.#each(run, Math.max(run.end, begun), end, (fingerprint, entry) => {
      this.#table.add(fingerprint, entry)
    })
    run.end = Math.max(run.end, end)
    Object.assign(run, { sessionId, tagKey, from, to })
    return run.id
  }

  #begin(key: string, fields: Omit<IndexedRun, 'id'>): IndexedRun {
    const id = this.#freeIds.pop() ?? this.#runs.length
    if (id >= MAX_RUNS) throw new RangeError('Too many sessions for one index of tags')
    const run = { id, ...fields }
    this.#runs[id] = run
    this.#idsByTagKey.set(key, id)
    return run
  }

  #each(
    run: IndexedRun,
    from: number,
    to: number,
    visit: (fingerprint: number, entry: number) => void
  ): void {
    let number = from
    for (const tag of chainTags(run.tagKey, from, to)) visit(fingerprintOf(tag), entryOf(run, number++))
  }

  /** To remove its entries one would have to compute them: they are cleared once there are many. */
  #drop(id: number): void {
    const run = this.#runs[id]
    if (run === undefined) return
    this.#runs[id] = undefined
    this.#idsByTagKey.delete(keyOf(run.tagKey))
    this.#size -= run.to - run.from
    this.#stale += run.end - run.first
    this.#goneIds.push(id)
    this.#clear()
  }

  /** One part of the table a time, so that no step takes long; an id is used again once no part has it. */
  #clear(): void {
    if (this.#clearing === undefined) {
      if (this.#stale < MIN_STALE || this.#stale < this.#size * MAX_STALE_SHARE) return
      this.#clearing = { ids: this.#goneIds, part: 0 }
      this.#goneIds = []
      this.#stale = 0
    }
    this.#table.retain(this.#clearing.part++, (entry) => this.#runOf(entry) !== undefined)
    if (this.#clearing.part < TagTable.parts) return
    this.#freeIds.push(...this.#clearing.ids)
    this.#clearing = undefined
  }
}

function entryOf(run: IndexedRun, number: number): number {
  return (((run.id + 1) << NUMBER_BITS) | (number % NUMBERS)) >>> 0
}

/** The number of the run's table that an entry stands for: the one not below `first` with these bits. */
function numberIn(run: IndexedRun, entry: number): number {
  const ahead = ((entry % NUMBERS) - (run.first % NUMBERS) + NUMBERS) % NUMBERS
  return run.first + ahead
}
