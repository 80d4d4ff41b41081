import { sha256 } from '../../src/crypto/hash.js'
import { Mailbox } from '../../src/messenger/carry/mailbox.js'
import { releaseTime } from '../../src/protocol/delivery/purge.js'
import { encodePrefix, expiryDay, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import { tagOfPurge } from '../../src/protocol/ratchet/kdf.js'
import type { Item } from '../../src/protocol/sync/item.js'
import { PURGE_SECRET_BYTES } from '../../src/protocol/sync/frames.js'
import { seededSource } from '../../src/simulator/seeded-source.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { Tables } from '../../src/storage/records/tables.js'
import type { Letter } from './letters.js'
import type { CreatePolicy, Policy } from './model.js'

/** Bytes of a mailbox that is never full here. */
const UNLIMITED = 2 ** 30
const encoder = new TextEncoder()

/** A letter as an envelope that nobody can tell from a real one. */
interface Sealed {
  readonly letter: Letter
  readonly item: Item
  readonly tag: Uint8Array
  readonly secret: Uint8Array
  readonly bytes: Uint8Array
}

function seal(letter: Letter): Sealed {
  const secret = sha256(encoder.encode(`secret ${String(letter.id)}`)).subarray(0, PURGE_SECRET_BYTES)
  const tag = tagOfPurge(secret)
  const day = expiryDay(letter.sentAt, letter.expiresAt - letter.sentAt)
  const bytes = seededSource(letter.id)(MIN_ENVELOPE_BYTES)
  bytes.set(encodePrefix(LANE_TAGGED, day, tag))
  return { letter, item: { day, id: sha256(bytes) }, tag, secret, bytes }
}

/**
 * The mailbox of the messenger itself: what it takes in, gives away, evicts and purges. Two nodes that meet come to hold the same, as after a
 * whole reconciliation; what bytes that takes is another benchmark.
 */
export const hallig: CreatePolicy = (nodes, room, handOver): Policy => {
  const clock = createVirtualClock(0)
  const quota = Number.isFinite(room) ? room * MIN_ENVELOPE_BYTES : UNLIMITED
  const sealed = new Map<string, Sealed>()
  const random = seededSource('releases')
  const boxes = Array.from({ length: nodes }, () => createBox())

  function createBox(): Mailbox {
    return new Mailbox({
      store: createMemoryStore(),
      tables: new Tables((label, id) => `${label}-${id}`),
      clock,
      quota,
      onFailure: (error) => {
        throw error
      }
    })
  }

  /** What `from` holds and `to` does not; what `to` knows to have arrived, it says so. */
  function give(from: Mailbox, to: Mailbox, fromId: number, toId: number): void {
    for (const item of itemsOf(from)) {
      const known = to.purged.ofId(item.id)
      if (known !== undefined) from.purge(known)
      const letter = sealed.get(keyOf(item))
      const isThere = to.index.find(item) !== undefined
      if (known !== undefined || letter === undefined || isThere || from.bytesOf(item) === 0) continue
      pass(letter, from, to, fromId, toId)
    }
  }

  function pass(sent: Sealed, from: Mailbox, to: Mailbox, fromId: number, toId: number): void {
    const { letter, item, tag, secret, bytes } = sent
    const outline = { lane: LANE_TAGGED, expiryDay: item.day, tag, bytes } as const
    if (!to.take(outline, item.id, `node ${String(fromId)}`, 'stranger')) return
    from.forwarded(item)
    handOver(letter, toId, clock.now())
    if (letter.to === toId) to.release([{ item, secret, dueAt: releaseTime(clock.now(), random) }])
  }

  return {
    send(letter) {
      const sent = seal(letter)
      sealed.set(keyOf(sent.item), sent)
      boxes[letter.from]?.addOwn(sent.item, sent.tag, sent.bytes.length, `outbox/${String(letter.id)}`)
    },
    async meet(one, other, now) {
      await clock.advance(Math.max(0, now - clock.now()))
      const [mine, theirs] = [boxes[one], boxes[other]]
      if (mine === undefined || theirs === undefined) return
      for (const box of [mine, theirs]) {
        box.releaseDue(now)
        await box.expire(now)
      }
      give(mine, theirs, one, other)
      give(theirs, mine, other, one)
    }
  }
}

function keyOf({ id }: Item): string {
  return String.fromCharCode(...id)
}

function itemsOf({ index }: Mailbox): Item[] {
  return Array.from({ length: index.size }, (_, position) => index.itemAt(position))
}
