import type { IdentityId } from '../../codec/ids.js'
import { equalBytes } from '../../crypto/wipe.js'
import { expectedRuns, type TagRun } from '../../protocol/ratchet/expected-tags.js'
import type { Session } from '../../protocol/ratchet/session.js'
import {
  startsOfSecrets,
  tagHash,
  tagSecret,
  tagSecrets,
  tagStarts,
  TAGS_PER_BLOCK
} from '../../protocol/ratchet/kdf.js'
import { TAG_BYTES } from '../../protocol/envelope/envelope.js'
import { inviteTags } from '../../protocol/handshake/invite.js'
import type { HmacsBeside } from '../../platform/platform.js'
import type { Turns } from '../turns.js'
import { secretsAhead, type DerivedRun } from './secrets-ahead.js'
import { FINGERPRINT_BYTES, TagTable } from './tag-table.js'

/** What a tag says of an envelope. It authenticates nothing: whoever saw the envelope can copy its tag. */
export type Recognised =
  | {
      readonly kind: 'expected'
      readonly contactId: IdentityId
      readonly sessionId: Uint8Array
      readonly tagKey: Uint8Array
      readonly number: number
      /** The secret of the tag. */
      readonly secret: Uint8Array
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
/** Runs whose tags may be computed when a tag is not found: half a millisecond of work at most waits for that. */
const MAX_UNFINISHED = 16

const nothingBeside: HmacsBeside = () => Promise.resolve(undefined)

/** Tags as map keys: one character per byte. */
function keyOf(tag: Uint8Array): string {
  return String(Reflect.apply(String.fromCharCode, undefined, tag))
}

function fingerprintOf(tag: Uint8Array): number {
  return (((tag[0] ?? 0) << 24) | ((tag[1] ?? 0) << 16) | ((tag[2] ?? 0) << 8) | (tag[3] ?? 0)) >>> 0
}

/** Four tags that have one HMAC in common, each computed when it is asked for. */
interface TagBlock {
  readonly tagKey: Uint8Array
  readonly from: number
  readonly secrets: Uint8Array
  /** Each begins with its tag. */
  readonly hashes: (Uint8Array | undefined)[]
}

function blockAt(tagKey: Uint8Array, from: number): TagBlock {
  const secrets = tagSecrets(tagKey, from)
  return { tagKey, from, secrets, hashes: [undefined, undefined, undefined, undefined] }
}

function hashIn(block: TagBlock, number: number): Uint8Array {
  return (block.hashes[number - block.from] ??= tagHash(block.secrets, number))
}

function beginsWith(hash: Uint8Array, tag: Uint8Array): boolean {
  for (let at = 0; at < TAG_BYTES; at++) if (hash[at] !== tag[at]) return false
  return tag.length === TAG_BYTES
}

function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || equalBytes(one, other)
}

/** Whether a session waits for just what it did: every step but the arrival of a message leaves that as it is. */
function waitsForTheSame(before: Session | undefined, after: Session): boolean {
  if (before === after) return true
  return (
    before?.id === after.id &&
    before.receiving === after.receiving &&
    before.nextReceivingHeaderKeys === after.nextReceivingHeaderKeys
  )
}

interface Completion {
  readonly ended: Promise<void>
  readonly end: () => void
}

function newCompletion(): Completion {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end }
}

interface IndexedRun {
  readonly id: number
  readonly contactId: IdentityId
  sessionId: Uint8Array
  tagKey: Uint8Array
  from: number
  to: number
  /** What of it is in the table, in whole blocks of tags, as they are computed: from the block of `from`, in time to that of `to`. */
  first: number
  end: number
}

/**
 * All tags this device waits for, kept in step with the sessions' states. Ten thousand sessions wait for millions of tags, so there is a compact table
 * of fingerprints with run and number; whether a tag is the one of that number is computed anew. Of a new run the first tags suffice as long as everything
 * that comes is found: in a conversation that alternates its other tags are never computed.
 */
export class TagIndex {
  readonly #table = new TagTable()
  /** By id. */
  readonly #runs: (IndexedRun | undefined)[] = []
  readonly #runsOf = new Map<IdentityId, readonly IndexedRun[]>()
  /** Skipped keys and invites, by tag. */
  readonly #others = new Map<string, Recognised>()
  #skipped: Extract<Recognised, { kind: 'skipped' }> | undefined
  /** Runs of which the table lacks tags, the oldest first. */
  readonly #unfinished = new Set<IndexedRun>()
  #size = 0
  /** Entries in the table whose runs are gone. */
  #stale = 0
  /** Ids in no entry, and ids whose entries are still in the table. */
  readonly #freeIds: number[] = []
  #goneIds: number[] = []
  #clearing: { readonly ids: readonly number[]; part: number } | undefined
  /** The block looked at last: the next tag is often of it too, and then it is taken out. */
  #looked: TagBlock | undefined
  /** The block put in last: a conversation in turns looks for it next. */
  #added: TagBlock | undefined

  /** While a store is read, tags are not computed: how many they are is known at its end. */
  #isGathering = false
  #completion: Completion | undefined

  readonly #onExpect: (run: TagRun) => void

  /** `onExpect` is told of every run of tags that are waited for from now on and were not before. */
  constructor(onExpect: (run: TagRun) => void = () => undefined) {
    this.#onExpect = onExpect
  }

  get size(): number {
    return this.#size + this.#others.size
  }

  /** Resolves when all tags can be found; `undefined` if they can. */
  get completion(): Promise<void> | undefined {
    return this.#completion?.ended
  }

  /** From now until they are completed, tags of sessions are not looked for, and need not be computed. */
  gather(): void {
    this.#isGathering = true
    this.#completion = newCompletion()
  }

  /**
   * Compute the tags of what was gathered, contact by contact: of one all are found, or none. Ends early if the index is closed. What `hmacsBeside` has no
   * answer for is computed here.
   */
  async complete(turns: Pick<Turns, 'next'>, hmacsBeside: HmacsBeside = nothingBeside): Promise<void> {
    const completion = this.#completion
    if (completion === undefined) return
    this.#isGathering = false
    this.#table.reserve(this.#size)
    // What comes meanwhile is computed as it comes.
    const lacking = (contactId: IdentityId): TagRun[] => (this.#runsOf.get(contactId) ?? []).flatMap(lackOf)
    for await (const [contactId, derived] of secretsAhead(this.#runsOf.keys(), lacking, hmacsBeside)) {
      if (this.#completion === undefined) return
      for (const run of this.#runsOf.get(contactId) ?? []) this.#finish(run, derived)
      for (const { secrets } of derived) secrets.fill(0)
      await turns.next()
    }
    this.close()
  }

  /** Nobody waits for the completion any more. */
  close(): void {
    this.#completion?.end()
    this.#completion = undefined
  }

  /** `contactId`, if it is known whose the tag would be: then it is found while others' are still being computed. */
  find(tag: Uint8Array, contactId?: IdentityId): Recognised | undefined {
    const found = this.#findExpected(tag)
    if (found !== undefined) return found
    if (this.#completion !== undefined && contactId !== undefined) {
      for (const run of this.#runsOf.get(contactId) ?? []) this.#unfinished.add(run)
    }
    if (this.#unfinished.size > 0) {
      for (const run of this.#unfinished) this.#finish(run)
      return this.#findExpected(tag) ?? this.#findOther(tag)
    }
    return this.#findOther(tag)
  }

  /** Follow a contact's sessions from one state to the next. */
  update(contactId: IdentityId, before: readonly Session[], after: readonly Session[]): void {
    if (after.length === before.length && after.every((each, at) => waitsForTheSame(before[at], each))) return
    const known = this.#runsOf.get(contactId) ?? []
    const runs: IndexedRun[] = []
    for (const session of after) {
      const isNew = !before.includes(session)
      for (const expected of expectedRuns(session)) {
        const run = known.find(({ tagKey }) => isSameKey(tagKey, expected.tagKey))
        if (run !== undefined && !isNew) runs.push(run)
        else runs.push(this.#slide(run ?? this.#begin(contactId, session.id, expected), session.id, expected))
      }
    }
    if (runs.length === 0) this.#runsOf.delete(contactId)
    else this.#runsOf.set(contactId, runs)
    for (const run of known) if (!runs.includes(run)) this.#drop(run)
  }

  addSkipped(contactId: IdentityId, sessionId: Uint8Array, tag: Uint8Array): void {
    // One value for all keys that are skipped together.
    const last = this.#skipped
    const isSame = last?.contactId === contactId && last.sessionId === sessionId
    const skipped = isSame ? last : ({ kind: 'skipped', contactId, sessionId } as const)
    this.#skipped = skipped
    this.#others.set(keyOf(tag), skipped)
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

  #findExpected(tag: Uint8Array): Recognised | undefined {
    const entry = this.#table.find(fingerprintOf(tag), (candidate) => this.#isTag(candidate, tag))
    const run = this.#runOf(entry)
    if (run === undefined) return undefined
    const { contactId, sessionId, tagKey } = run
    const number = numberIn(run, entry)
    const secret = tagSecret(this.#blockAt(run, number).secrets, number)
    return { kind: 'expected', contactId, sessionId, tagKey, number, secret }
  }

  #findOther(tag: Uint8Array): Recognised | undefined {
    return this.#others.size === 0 ? undefined : this.#others.get(keyOf(tag))
  }

  #runOf(entry: number): IndexedRun | undefined {
    return this.#runs[(entry >>> NUMBER_BITS) - 1]
  }

  #isTag(entry: number, tag: Uint8Array): boolean {
    const run = this.#runOf(entry)
    if (run === undefined) return false
    const number = numberIn(run, entry)
    if (number < run.from || number >= run.to) return false
    return beginsWith(hashIn(this.#blockAt(run, number), number), tag)
  }

  #begin(contactId: IdentityId, sessionId: Uint8Array, { tagKey, from }: TagRun): IndexedRun {
    const id = this.#freeIds.pop() ?? this.#runs.length
    if (id >= MAX_RUNS) throw new RangeError('Too many sessions for one index of tags')
    const first = blockStart(from)
    const run = { id, contactId, sessionId, tagKey, from, to: from, first, end: first }
    this.#runs[id] = run
    return run
  }

  #slide(run: IndexedRun, sessionId: Uint8Array, { tagKey, from, to }: TagRun): IndexedRun {
    this.#size += to - from - (run.to - run.from)
    if (to > run.to) this.#onExpect({ tagKey, from: Math.max(from, run.to), to })
    run.sessionId = sessionId
    run.tagKey = tagKey
    run.from = from
    run.to = to
    const first = blockStart(from)
    for (let number = run.first; number < Math.min(first, run.end); number++) {
      this.#table.remove(fingerprintOf(hashIn(this.#blockAt(run, number), number)), entryOf(run, number))
    }
    run.first = Math.max(run.first, first)
    run.end = Math.max(run.end, run.first)
    if (this.#isGathering) return run
    if (run.end <= from) this.#addBlock(run)
    if (run.end < to) this.#postpone(run)
    return run
  }

  #addBlock(run: IndexedRun): void {
    const block = blockAt(run.tagKey, run.end)
    for (const end = run.end + TAGS_PER_BLOCK; run.end < end; run.end++) {
      this.#table.add(fingerprintOf(hashIn(block, run.end)), entryOf(run, run.end))
    }
    this.#added = block
  }

  /** One that waits for too long makes room, so that the work is spread over the steps that make it. */
  #postpone(run: IndexedRun): void {
    this.#unfinished.add(run)
    if (this.#unfinished.size <= MAX_UNFINISHED) return
    const [oldest] = this.#unfinished
    if (oldest !== undefined) this.#finish(oldest)
  }

  #finish(run: IndexedRun, derived: readonly DerivedRun[] = []): void {
    this.#unfinished.delete(run)
    for (const { tagKey, from, to } of lackOf(run)) {
      // The run may have gone on since they were derived.
      const known = derived.find((each) => each.tagKey === tagKey && each.from === from && each.to === to)
      const starts =
        known === undefined
          ? tagStarts(tagKey, from, to, FINGERPRINT_BYTES)
          : startsOfSecrets(known.secrets, FINGERPRINT_BYTES)
      const fingerprints = new DataView(starts.buffer, starts.byteOffset, starts.byteLength)
      this.#table.readAhead(fingerprints)
      for (let at = 0; run.end < to; run.end++, at += FINGERPRINT_BYTES) {
        this.#table.add(fingerprints.getUint32(at), entryOf(run, run.end))
      }
    }
  }

  #blockAt({ tagKey }: IndexedRun, number: number): TagBlock {
    const from = blockStart(number)
    const isSought = (block: TagBlock | undefined): block is TagBlock =>
      block?.from === from && isSameKey(block.tagKey, tagKey)
    if (!isSought(this.#looked)) this.#looked = isSought(this.#added) ? this.#added : blockAt(tagKey, from)
    return this.#looked
  }

  /** To remove its entries one would have to compute them: they are cleared once there are many. */
  #drop(run: IndexedRun): void {
    this.#unfinished.delete(run)
    this.#runs[run.id] = undefined
    this.#size -= run.to - run.from
    this.#stale += run.end - run.first
    this.#goneIds.push(run.id)
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

function blockStart(number: number): number {
  return number - (number % TAGS_PER_BLOCK)
}

/** What of a run is not in the table, in whole blocks. */
function lackOf({ tagKey, end, to }: IndexedRun): TagRun[] {
  return end < to ? [{ tagKey, from: end, to: blockStart(to + TAGS_PER_BLOCK - 1) }] : []
}

function entryOf(run: IndexedRun, number: number): number {
  return (((run.id + 1) << NUMBER_BITS) | (number % NUMBERS)) >>> 0
}

/** The number of the run that an entry stands for: the one not below `first` with these bits. */
function numberIn(run: IndexedRun, entry: number): number {
  const ahead = ((entry % NUMBERS) - (run.first % NUMBERS) + NUMBERS) % NUMBERS
  return run.first + ahead
}
