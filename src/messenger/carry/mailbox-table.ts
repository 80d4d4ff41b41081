import { encodeHex } from '../../codec/hex.js'
import { sixteenBytesKey } from '../../codec/sixteen-bytes.js'
import { evictionRank, type Standing } from '../../protocol/delivery/eviction.js'
import { isDayOver, TAG_BYTES } from '../../protocol/envelope/envelope.js'
import { ItemIndex } from '../../protocol/sync/item-index.js'
import { ENVELOPE_ID_BYTES, type Item } from '../../protocol/sync/item.js'

const STANDINGS: readonly Standing[] = ['stranger', 'contact', 'own']
const FIRST_SLOTS = 64
const MOST_FORWARDS = 0xffff
/** Sources of which something is here that are told apart: more than a node meets in the life of an envelope. */
const MAX_SOURCES = 16_384

/** Tags as map keys. */
export function tagKeyOf(tag: Uint8Array): string {
  return sixteenBytesKey(tag)
}

/** What is kept of an envelope besides its bytes. */
export interface TableEntry {
  readonly tag: Uint8Array
  readonly bytes: number
  /** The beginning of a hash of who handed it over. */
  readonly source: Uint8Array
  readonly standing: Standing
  /** Whether its bytes are in a record of the mailbox; if not, they are in the outbox or nowhere. */
  readonly isStored: boolean
}

interface Source {
  readonly name: Uint8Array
  /** Under which its number is found. */
  readonly key: string
  /** Of those stored. */
  bytes: number
  envelopes: number
}

/**
 * Everything known of the envelopes in the mailbox, in memory: columns of numbers, as objects would take five times the room. Bytes are counted of
 * those stored in records of the mailbox.
 */
export class MailboxTable {
  readonly index = new ItemIndex()
  readonly #byTag = new Map<string, number | Set<number>>()
  readonly #free: number[] = []
  readonly #sources: Source[] = []
  readonly #sourceNumbers = new Map<string, number>()
  /** Numbers of sources of which nothing is here any more. */
  readonly #freeSources: number[] = []
  #slots = 0
  #ids = new Uint8Array(FIRST_SLOTS * ENVELOPE_ID_BYTES)
  #tags = new Uint8Array(FIRST_SLOTS * TAG_BYTES)
  #days = new Uint16Array(FIRST_SLOTS)
  #sizes = new Uint16Array(FIRST_SLOTS)
  #sourceOf = new Uint32Array(FIRST_SLOTS)
  #forwards = new Uint16Array(FIRST_SLOTS)
  /** The place of the standing, and 4 if it is stored. */
  #flags = new Uint8Array(FIRST_SLOTS)
  #bytes = 0
  #strangerBytes = 0
  #own = 0
  #stored = 0
  #storedOwn = 0

  get size(): number {
    return this.index.size
  }

  /** Bytes of envelopes in records of the mailbox. */
  get bytes(): number {
    return this.#bytes
  }

  /** Envelopes of others of which only the ids are left. */
  get known(): number {
    return this.size - this.#own - (this.#stored - this.#storedOwn)
  }

  /** What is in records of the mailbox, with own envelopes that are elsewhere. */
  usage(ownElsewhere = 0): { readonly own: number; readonly foreign: number; readonly bytes: number } {
    const own = this.#storedOwn
    return { own: own + ownElsewhere, foreign: this.#stored - own, bytes: this.#bytes }
  }

  /** Put an envelope in; `false` if it is there already. */
  add(item: Item, entry: TableEntry): boolean {
    const slot = this.#free.pop() ?? this.#slots
    if (!this.index.insert(item, slot)) {
      if (slot < this.#slots) this.#free.push(slot)
      return false
    }
    if (slot === this.#slots) this.#slots++
    this.#grow()
    this.#ids.set(item.id, slot * ENVELOPE_ID_BYTES)
    this.#tags.set(entry.tag, slot * TAG_BYTES)
    this.#days[slot] = item.day
    this.#sizes[slot] = entry.bytes
    this.#sourceOf[slot] = this.#numberOf(entry.source, entry.standing)
    this.#forwards[slot] = 0
    this.#flags[slot] = STANDINGS.indexOf(entry.standing) | (entry.isStored ? 4 : 0)
    if (entry.standing === 'own') this.#own++
    this.#count(slot, 1)
    const key = tagKeyOf(entry.tag)
    const others = this.#byTag.get(key)
    if (others === undefined) this.#byTag.set(key, slot)
    else if (typeof others === 'number') this.#byTag.set(key, new Set([others, slot]))
    else others.add(slot)
    return true
  }

  get(item: Item): TableEntry | undefined {
    const slot = this.index.find(item)
    return slot === undefined ? undefined : this.#entry(slot)
  }

  /** Bytes of an envelope that is here, and whether a record of the mailbox holds them. */
  sizeOf(item: Item): { readonly bytes: number; readonly isStored: boolean } | undefined {
    const slot = this.index.find(item)
    if (slot === undefined) return undefined
    return { bytes: this.#sizes[slot] ?? 0, isStored: ((this.#flags[slot] ?? 0) & 4) !== 0 }
  }

  remove(item: Item): TableEntry | undefined {
    const slot = this.index.delete(item)
    if (slot === undefined) return undefined
    const entry = this.#entry(slot)
    if (entry.standing === 'own') this.#own--
    this.#count(slot, -1)
    const key = tagKeyOf(entry.tag)
    const others = this.#byTag.get(key)
    if (typeof others === 'object') others.delete(slot)
    if (others === slot || (typeof others === 'object' && others.size === 0)) this.#byTag.delete(key)
    this.#free.push(slot)
    this.#leaveSource(this.#sourceOf[slot] ?? 0)
    return entry
  }

  /** Whether an envelope with this short id is here, whenever it expires. */
  hasShortId(id: Uint8Array): boolean {
    return this.index.hasPrefix(id)
  }

  /** Its bytes are gone, or are in the mailbox now; what else is known of it stays. */
  setStored(item: Item, isStored: boolean): void {
    const slot = this.index.find(item)
    if (slot === undefined) return
    this.#count(slot, -1)
    this.#flags[slot] = ((this.#flags[slot] ?? 0) & 3) | (isStored ? 4 : 0)
    this.#count(slot, 1)
  }

  /** It was given to somebody. */
  forwarded(item: Item): void {
    const slot = this.index.find(item)
    if (slot !== undefined) this.#forwards[slot] = Math.min((this.#forwards[slot] ?? 0) + 1, MOST_FORWARDS)
  }

  hasTag(tag: Uint8Array): boolean {
    return this.#byTag.has(tagKeyOf(tag))
  }

  /** Every tag there is, once each; what comes meanwhile may be among them. A view, good until the next. */
  *tags(): Generator<Uint8Array> {
    for (const slots of this.#byTag.values()) {
      const [slot] = typeof slots === 'number' ? [slots] : slots
      if (slot !== undefined) yield this.#tags.subarray(slot * TAG_BYTES, (slot + 1) * TAG_BYTES)
    }
  }

  /** The envelopes with this tag. */
  withTag(tag: Uint8Array): Item[] {
    const slots = this.#byTag.get(tagKeyOf(tag)) ?? []
    return (typeof slots === 'number' ? [slots] : [...slots]).map((slot) => this.#item(slot))
  }

  /** How many those are: anybody may have copied a tag any number of times. */
  countOf(tag: Uint8Array): number {
    const slots = this.#byTag.get(tagKeyOf(tag))
    return typeof slots === 'number' ? 1 : (slots?.size ?? 0)
  }

  /** The envelopes whose day is over, all found before one is taken out: after that the index makes its sums anew to find another. */
  over(isOver: (day: number) => boolean): Item[] {
    const items: Item[] = []
    for (let position = this.index.size - 1; position >= 0; position--) {
      const item = this.#item(this.index.slotAt(position))
      if (!isOver(item.day)) break
      items.push(item)
    }
    return items
  }

  /** Own envelopes stored here under this source. */
  ownOf(source: Uint8Array): Item[] {
    const number = this.#sourceNumbers.get(encodeHex(source))
    if (number === undefined) return []
    const items: Item[] = []
    for (let position = 0; position < this.index.size; position++) {
      const slot = this.index.slotAt(position)
      if (this.#sourceOf[slot] !== number || this.#standing(slot) !== 'own') continue
      if (((this.#flags[slot] ?? 0) & 4) !== 0) items.push(this.#item(slot))
    }
    return items
  }

  /** Stored envelopes to delete so that `bytes` become free, and at most `slack` more: those least worth keeping. */
  chooseVictims(bytes: number, slack: number, quota: number, now: number): Item[] {
    const usage = {
      quota,
      bySource: (source: number) => this.#sources[source]?.bytes ?? 0,
      ofStrangers: this.#strangerBytes
    }
    const ranked: { readonly slot: number; readonly rank: number }[] = []
    // From the end: of equals, what expires first goes first.
    for (let position = this.index.size - 1; position >= 0; position--) {
      const slot = this.index.slotAt(position)
      if (((this.#flags[slot] ?? 0) & 4) === 0) continue
      const evictable = {
        isExpired: isDayOver(this.#days[slot] ?? 0, now),
        standing: this.#standing(slot),
        source: this.#sourceOf[slot] ?? 0,
        forwards: this.#forwards[slot] ?? 0
      }
      ranked.push({ slot, rank: evictionRank(evictable, usage) })
    }
    ranked.sort((one, other) => one.rank - other.rank)
    const victims: Item[] = []
    let freed = 0
    for (const { slot } of ranked) {
      const size = this.#sizes[slot] ?? 0
      // With room for a few, slack must not cost one of them.
      if (freed >= bytes && freed + size > bytes + slack) break
      freed += size
      victims.push(this.#item(slot))
    }
    return victims
  }

  /**
   * Envelopes of others to forget once more than `max` are known by their ids alone, an eighth of them at once: strangers' before contacts', and of
   * each what expires first.
   */
  chooseForgotten(max: number): Item[] {
    if (this.known <= max) return []
    const count = this.known - max + Math.floor(max / 8)
    const forgotten: Item[] = []
    for (const standing of ['stranger', 'contact'] as const) {
      for (let position = this.index.size - 1; position >= 0 && forgotten.length < count; position--) {
        const slot = this.index.slotAt(position)
        const isStored = ((this.#flags[slot] ?? 0) & 4) !== 0
        if (!isStored && this.#standing(slot) === standing) forgotten.push(this.#item(slot))
      }
    }
    return forgotten
  }

  #entry(slot: number): TableEntry {
    return {
      tag: this.#tags.slice(slot * TAG_BYTES, (slot + 1) * TAG_BYTES),
      bytes: this.#sizes[slot] ?? 0,
      source: this.#sources[this.#sourceOf[slot] ?? 0]?.name ?? new Uint8Array(0),
      standing: this.#standing(slot),
      isStored: ((this.#flags[slot] ?? 0) & 4) !== 0
    }
  }

  #item(slot: number): Item {
    const start = slot * ENVELOPE_ID_BYTES
    return { day: this.#days[slot] ?? 0, id: this.#ids.slice(start, start + ENVELOPE_ID_BYTES) }
  }

  #standing(slot: number): Standing {
    return STANDINGS[(this.#flags[slot] ?? 0) & 3] ?? 'stranger'
  }

  #count(slot: number, sign: 1 | -1): void {
    if (((this.#flags[slot] ?? 0) & 4) === 0) return
    const bytes = sign * (this.#sizes[slot] ?? 0)
    this.#bytes += bytes
    this.#stored += sign
    if (this.#standing(slot) === 'own') this.#storedOwn += sign
    if (this.#standing(slot) === 'stranger') this.#strangerBytes += bytes
    const source = this.#sources[this.#sourceOf[slot] ?? 0]
    if (source !== undefined) source.bytes += bytes
  }

  /** The number of an envelope's source. Those of others beyond the ones that are told apart count as one. */
  #numberOf(name: Uint8Array, standing: Standing): number {
    const ownKey = encodeHex(name)
    const hasRoom = this.#sourceNumbers.size < MAX_SOURCES || this.#sourceNumbers.has(ownKey)
    const key = hasRoom || standing === 'own' ? ownKey : ''
    const known = this.#sourceNumbers.get(key)
    const source = known === undefined ? undefined : this.#sources[known]
    if (known !== undefined && source !== undefined) {
      source.envelopes++
      return known
    }
    const number = this.#freeSources.pop() ?? this.#sources.length
    this.#sources[number] = { name: name.slice(), key, bytes: 0, envelopes: 1 }
    this.#sourceNumbers.set(key, number)
    return number
  }

  #leaveSource(number: number): void {
    const source = this.#sources[number]
    if (source === undefined || --source.envelopes > 0) return
    this.#sourceNumbers.delete(source.key)
    this.#freeSources.push(number)
  }

  #grow(): void {
    const room = this.#days.length
    if (this.#slots <= room) return
    this.#ids = grown(this.#ids, new Uint8Array(2 * this.#ids.length))
    this.#tags = grown(this.#tags, new Uint8Array(2 * this.#tags.length))
    this.#days = grown(this.#days, new Uint16Array(2 * room))
    this.#sizes = grown(this.#sizes, new Uint16Array(2 * room))
    this.#sourceOf = grown(this.#sourceOf, new Uint32Array(2 * room))
    this.#forwards = grown(this.#forwards, new Uint16Array(2 * room))
    this.#flags = grown(this.#flags, new Uint8Array(2 * room))
  }
}

function grown<T extends { set(values: T): void }>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
