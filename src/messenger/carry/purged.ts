import { MAX_PURGED } from '../../protocol/limits.js'
import { tagOfPurge } from '../../protocol/ratchet/kdf.js'
import { shortIdKey, type Item } from '../../protocol/sync/item.js'
import { tagKeyOf } from './mailbox-table.js'

/** Secrets told to peers without being asked: the newest. */
const MAX_NEWS = 4_096
/** Ids known by one secret: an honest tag has one envelope, while who made a tag can have any number. Any is refused by its tag. */
const MAX_IDS = 4

/** Envelopes known to have arrived, until they expire: refused, and their secrets told to whoever still has them. */
export class Purged {
  readonly #byTag = new Map<string, { readonly secret: Uint8Array; readonly day: number }>()
  readonly #tagOfId = new Map<string, string>()
  /** A day before which none of them expires. */
  #soonest = Infinity
  readonly #news: Uint8Array[] = []
  #newsBefore = 0

  get size(): number {
    return this.#byTag.size
  }

  /** Note what was purged; `isNews` if peers are to be told. */
  add(items: readonly Item[], secret: Uint8Array, isNews: boolean): void {
    const tag = tagKeyOf(tagOfPurge(secret))
    const day = items.reduce((latest, item) => Math.max(latest, item.day), 0)
    this.#byTag.set(tag, { secret, day })
    this.#soonest = Math.min(this.#soonest, day)
    for (const { id } of items.slice(0, MAX_IDS)) this.#tagOfId.set(shortIdKey(id), tag)
    if (this.#byTag.size > MAX_PURGED) this.#forgetSoonest()
    if (!isNews) return
    this.#news.push(secret)
    if (this.#news.length <= MAX_NEWS) return
    this.#news.shift()
    this.#newsBefore++
  }

  /** The secret of a tag, if its envelope is known to have arrived. */
  ofTag(tag: Uint8Array): Uint8Array | undefined {
    return this.#byTag.get(tagKeyOf(tag))?.secret
  }

  /** The secret of an envelope, by its id or the short form of it. */
  ofId(id: Uint8Array): Uint8Array | undefined {
    const tag = this.#tagOfId.get(shortIdKey(id))
    return tag === undefined ? undefined : this.#byTag.get(tag)?.secret
  }

  /** What came to be known after `seen` pieces of news: at most `limit`, and where to go on. */
  newsAfter(seen: number, limit: number): { readonly secrets: readonly Uint8Array[]; readonly seen: number } {
    const start = Math.max(0, seen - this.#newsBefore)
    const secrets = this.#news.slice(start, start + limit)
    return { secrets, seen: this.#newsBefore + start + secrets.length }
  }

  /** Forget what has expired. */
  expire(isOver: (day: number) => boolean): void {
    if (!isOver(this.#soonest)) return
    this.#soonest = Infinity
    for (const [tag, { day }] of this.#byTag) {
      if (isOver(day)) this.#byTag.delete(tag)
      else this.#soonest = Math.min(this.#soonest, day)
    }
    this.#forgetIds()
  }

  #forgetSoonest(): void {
    const days = [...this.#byTag.values()].map(({ day }) => day).sort((one, other) => one - other)
    const limit = days[Math.floor(days.length / 8)] ?? 0
    for (const [tag, { day }] of this.#byTag)
      if (day <= limit && this.#byTag.size > MAX_PURGED / 2) this.#byTag.delete(tag)
    this.#forgetIds()
  }

  #forgetIds(): void {
    for (const [id, tag] of this.#tagOfId) if (!this.#byTag.has(tag)) this.#tagOfId.delete(id)
  }
}
