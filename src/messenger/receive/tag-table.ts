/** Parts that grow and are cleared one at a time, so that nothing waits for the whole table. A power of two. */
const PARTS = 64
const PART_BITS = 6
const REST_BITS = 32 - PART_BITS
const REST = 2 ** REST_BITS
/** Slots of a new part. */
const FIRST_SLOTS = 16
/** Bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 4
/** What is reserved for an even part beyond its share: fingerprints spread unevenly. */
const SPREAD = 1.02
/** A part that is fuller than this grows by a fifth: 10 to 12 bytes an entry. */
const MAX_LOAD = 0.85
const GROWTH = 1.2

interface Part {
  /** Pairs of fingerprint and entry; an entry 0 is an empty slot. */
  slots: Uint32Array
  count: number
}

/**
 * A multimap from 32-bit fingerprints to 32-bit entries other than 0, with linear probing (Knuth, TAOCP 6.4, algorithm L; deletion by algorithm R).
 * Fingerprints are bytes of hashes: they need no hashing, and the slot follows from their order, so that a part may have any size.
 */
export class TagTable {
  readonly #parts: Part[] = Array.from({ length: PARTS }, () => ({ slots: newSlots(FIRST_SLOTS), count: 0 }))

  /** Of what was read ahead: nobody reads what is of no consequence. */
  lastRead = 0

  /** How many parts there are for `retain`. */
  static readonly parts = PARTS

  /** Entries, with those of one fingerprint counted apart. */
  get size(): number {
    return this.#parts.reduce((sum, { count }) => sum + count, 0)
  }

  add(fingerprint: number, entry: number): void {
    const part = this.#partOf(fingerprint)
    if (part.count + 1 > (part.slots.length / 2) * MAX_LOAD) grow(part)
    insert(part.slots, fingerprint, entry)
    part.count++
  }

  /** Room for so many entries, so that nothing is moved while they come. */
  reserve(count: number): void {
    const slots = Math.ceil(((count / PARTS) * SPREAD) / MAX_LOAD)
    for (const part of this.#parts) if (part.slots.length / 2 < slots) resize(part, slots)
  }

  /**
   * Reads the places of fingerprints that are added next, four bytes each, big-endian: one after the other and before any is needed, so that the memory,
   * which is slow, serves many at once.
   */
  readAhead(fingerprints: DataView): void {
    let read = 0
    for (let at = 0; at < fingerprints.byteLength; at += FINGERPRINT_BYTES) {
      const fingerprint = fingerprints.getUint32(at)
      const { slots } = this.#partOf(fingerprint)
      read ^= slots[homeOf(slots, fingerprint) + 1] ?? 0
    }
    this.lastRead = read
  }

  /** The first entry of the fingerprint that `isSought` takes, or 0. */
  find(fingerprint: number, isSought: (entry: number) => boolean): number {
    const { slots } = this.#partOf(fingerprint)
    const at = seek(slots, fingerprint, isSought)
    return slots[at + 1] ?? 0
  }

  /** Removes one such entry, if there is one. */
  remove(fingerprint: number, entry: number): void {
    const part = this.#partOf(fingerprint)
    const at = seek(part.slots, fingerprint, (other) => other === entry)
    if (part.slots[at + 1] === 0) return
    part.count--
    closeGap(part.slots, at)
  }

  /** Removes the entries of one part that `isKept` does not take. */
  retain(index: number, isKept: (entry: number) => boolean): void {
    const part = this.#parts[index]
    if (part === undefined) return
    const { slots } = part
    part.slots = newSlots(slots.length / 2)
    part.count = 0
    for (let at = 0; at < slots.length; at += 2) {
      const entry = slots[at + 1] ?? 0
      if (entry === 0 || !isKept(entry)) continue
      insert(part.slots, slots[at] ?? 0, entry)
      part.count++
    }
  }

  #partOf(fingerprint: number): Part {
    const part = this.#parts[fingerprint >>> REST_BITS]
    if (part === undefined) throw new RangeError('A fingerprint has 32 bits')
    return part
  }
}

function newSlots(count: number): Uint32Array {
  return new Uint32Array(count * 2)
}

function grow(part: Part): void {
  resize(part, Math.ceil((part.slots.length / 2) * GROWTH))
}

function resize(part: Part, count: number): void {
  const { slots } = part
  part.slots = newSlots(count)
  for (let at = 0; at < slots.length; at += 2) {
    const entry = slots[at + 1] ?? 0
    if (entry !== 0) insert(part.slots, slots[at] ?? 0, entry)
  }
}

/** Where the search for a fingerprint begins: an index into `slots`. */
function homeOf(slots: Uint32Array, fingerprint: number): number {
  return Math.floor(((fingerprint & (REST - 1)) / REST) * (slots.length / 2)) * 2
}

function next(slots: Uint32Array, at: number): number {
  return at + 2 === slots.length ? 0 : at + 2
}

function insert(slots: Uint32Array, fingerprint: number, entry: number): void {
  let at = homeOf(slots, fingerprint)
  while (slots[at + 1] !== 0) at = next(slots, at)
  slots[at] = fingerprint
  slots[at + 1] = entry
}

/** The place of the entry sought, or the empty slot that ends the search. */
function seek(slots: Uint32Array, fingerprint: number, isSought: (entry: number) => boolean): number {
  let at = homeOf(slots, fingerprint)
  for (let entry = slots[at + 1] ?? 0; entry !== 0; entry = slots[at + 1] ?? 0) {
    if (slots[at] === fingerprint && isSought(entry)) return at
    at = next(slots, at)
  }
  return at
}

/** Empties a slot and moves up what would no longer be found behind it. */
function closeGap(slots: Uint32Array, emptied: number): void {
  let gap = emptied
  for (let at = next(slots, gap); slots[at + 1] !== 0; at = next(slots, at)) {
    const home = homeOf(slots, slots[at] ?? 0)
    // Whether `home` lies cyclically in (gap, at]: then the entry is found without crossing the gap.
    const isReached = gap <= at ? gap < home && home <= at : gap < home || home <= at
    if (isReached) continue
    slots[gap] = slots[at] ?? 0
    slots[gap + 1] = slots[at + 1] ?? 0
    gap = at
  }
  slots[gap + 1] = 0
}
