import type { IdentityId } from '../../codec/ids.js'
import { chainTags } from '../../protocol/ratchet/kdf.js'
import type { TagRun } from '../../protocol/ratchet/expected-tags.js'
import type { Context } from '../context.js'
import type { Inbound } from '../receive/inbound.js'
import type { TagIndex } from '../receive/tag-index.js'
import { Turns } from '../turns.js'
import type { Mailbox } from './mailbox.js'

/** How long tags that came to be waited for are gathered before they are looked up, ms. */
const LOOK_UP = 50
/** The same for those that could not be looked up, ms: the store may work again. */
const LOOK_AGAIN = 1_000
/** Tags that are looked for between two looks at the clock. */
const TAGS_AT_ONCE = 64

interface Parts extends Pick<Context, 'clock' | 'state' | 'onFailure'> {
  readonly mailbox: Pick<Mailbox, 'index' | 'hasTag' | 'tags'>
  readonly tags: Pick<TagIndex, 'find'>
}

/** Tags that came to be waited for: an envelope that came too early to be recognised may have one of them. */
export class AwaitedTags {
  readonly #context: Parts
  readonly #inbound: Pick<Inbound, 'idle' | 'reopen'>
  /** By the tag key's own array. */
  readonly #runs = new Map<Uint8Array, TagRun>()
  /** Tags that something is kept under. */
  #kept: Uint8Array[] = []
  #isOpen = false
  #cancel: (() => void) | undefined

  constructor(context: Parts, inbound: Pick<Inbound, 'idle' | 'reopen'>) {
    this.#context = context
    this.#inbound = inbound
  }

  /** The store has been read: from now on, tags that come to be waited for are new. */
  opened(): void {
    this.#isOpen = true
  }

  /** Looked up a moment later, as tags cost hashes and a burst moves the same runs many times. */
  add(run: TagRun): void {
    const { mailbox } = this.#context
    // What was read at the start had been waited for before.
    if (!this.#isOpen || mailbox.index.size === 0) return
    const known = this.#runs.get(run.tagKey)
    this.#runs.set(run.tagKey, known === undefined ? run : { ...known, to: run.to })
    this.#lookUpSoon(LOOK_UP)
  }

  /**
   * Look again at everything that is kept and recognised, of this contact or of all: what was refused may be taken now, and what came to be waited for
   * just before the last end was not looked up then. It is not fetched again, and its sender may be far away.
   */
  async lookThrough(contactId?: IdentityId): Promise<void> {
    const { clock, state, mailbox, tags } = this.#context
    const turns = new Turns(clock)
    let looked = 0
    for (const tag of mailbox.tags()) {
      const found = tags.find(tag, contactId)
      const isOurs = contactId === undefined || found?.kind === 'invited' || found?.contactId === contactId
      if (found !== undefined && isOurs) this.#kept.push(tag.slice())
      if (++looked % TAGS_AT_ONCE === 0) await turns.next()
      if (state.closed) return
    }
    if (this.#kept.length > 0) this.#lookUpSoon(LOOK_UP)
  }

  /** Resolves when everything that came was opened, and what could be opened only because of that. */
  async settled(): Promise<void> {
    await this.#inbound.idle()
    while (this.#runs.size + this.#kept.length > 0 && !this.#context.state.closed) {
      await this.#lookUp()
      await this.#inbound.idle()
    }
  }

  /** The messenger is closed: what was not looked up is at the next start. */
  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #lookUpSoon(delay: number): void {
    if (this.#context.state.closed) return
    this.#cancel ??= this.#context.clock.schedule(delay, () => {
      this.#cancel = undefined
      this.#lookUp().catch((error: unknown) => {
        this.#context.onFailure('mailbox', error)
      })
    })
  }

  async #lookUp(): Promise<void> {
    const { state, mailbox } = this.#context
    const [runs, kept] = [[...this.#runs.values()], this.#kept]
    this.#runs.clear()
    this.#kept = []
    if (state.closed) return
    let looked = 0
    try {
      for (const tag of kept) {
        await this.#inbound.reopen(tag)
        looked++
      }
      for (let run = runs[0]; run !== undefined; run = runs[0]) {
        for (const tag of chainTags(run.tagKey, run.from, run.to))
          if (mailbox.hasTag(tag)) await this.#inbound.reopen(tag)
        runs.shift()
      }
    } catch (error) {
      // Nobody else looks for them, and what lies here is not fetched again.
      this.#kept = [...kept.slice(looked), ...this.#kept]
      for (const run of runs)
        this.#runs.set(run.tagKey, { ...run, to: this.#runs.get(run.tagKey)?.to ?? run.to })
      this.#lookUpSoon(LOOK_AGAIN)
      throw error
    }
  }
}
