import {
  MAX_PARCEL_BYTES,
  PARCEL_ROOM,
  PARCEL_SALT_BYTES,
  encodeParcel,
  parcelShare
} from '../codec/parcel.js'
import { MessengerError } from '../errors.js'
import { MAX_QUEUED_BYTES } from './limits.js'

export interface ParcelQueueOptions {
  /** Hand one parcel to the network; resolves with the number of peers that took it. */
  readonly send: (topic: string, parcel: Uint8Array) => Promise<number>
  /**
   * Resolves when the network has room for the next parcel. Until then envelopes gather, so that a busy network carries
   * many of them for the price of one.
   */
  readonly ready: () => Promise<void>
  readonly random: (length: number) => Uint8Array
  /** Bytes that may wait, {@link MAX_QUEUED_BYTES} if not given. */
  readonly maxQueuedBytes?: number
}

export interface ParcelQueue {
  /**
   * Send an envelope: at once if nothing is in flight on `topic`, else with all that gathered meanwhile under the same `rank`, the greatest
   * rank first.
   * Rejects with `TOO_LARGE`, or with `NETWORK_FAILED` if too much is waiting or the network failed.
   */
  publish(
    topic: string,
    envelope: Uint8Array,
    options?: { readonly rank?: number }
  ): Promise<{ readonly recipients: number }>
  /** Answer everything that waits with 0 recipients: it left for nobody. */
  clear(): void
}

interface Waiting {
  readonly rank: number
  readonly envelope: Uint8Array
  readonly resolve: (published: { readonly recipients: number }) => void
  readonly reject: (reason: MessengerError) => void
}

/** Coalesces envelopes into parcels while a publish is in flight, by rank and else first in first out per topic; uses no timer. */
export function createParcelQueue(options: ParcelQueueOptions): ParcelQueue {
  const maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES
  const lanes = new Map<string, Waiting[]>()
  let queuedBytes = 0

  async function sendBatch(topic: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const envelopes = batch.map((waiting) => waiting.envelope)
      const recipients = await options.send(topic, encodeParcel(envelopes, options.random(PARCEL_SALT_BYTES)))
      for (const waiting of batch) waiting.resolve({ recipients })
    } catch (cause) {
      const failure = new MessengerError(
        'NETWORK_FAILED',
        'The network could not send; it will be tried again',
        { cause }
      )
      for (const waiting of batch) waiting.reject(failure)
    }
  }

  async function run(topic: string, lane: Waiting[]): Promise<void> {
    while (lane.length > 0) {
      const batch = lane.splice(0, countOfNextParcel(lane))
      for (const waiting of batch) queuedBytes -= parcelShare(waiting.envelope)
      await sendBatch(topic, batch)
      await options.ready()
    }
    lanes.delete(topic)
  }

  return {
    publish(topic, envelope, { rank = 0 } = {}) {
      const share = parcelShare(envelope)
      if (share > PARCEL_ROOM) {
        const message = `An envelope of ${String(envelope.length)} bytes does not fit a parcel of ${String(MAX_PARCEL_BYTES)}`
        return Promise.reject(new MessengerError('TOO_LARGE', message))
      }
      if (queuedBytes + share > maxQueuedBytes) {
        return Promise.reject(
          new MessengerError('NETWORK_FAILED', 'Too much is waiting to be sent; try again later')
        )
      }
      return new Promise((resolve, reject) => {
        queuedBytes += share
        const waiting = { envelope, rank, resolve, reject }
        const lane = lanes.get(topic)
        if (lane !== undefined) {
          line(lane, waiting)
          return
        }
        const opened = [waiting]
        lanes.set(topic, opened)
        void run(topic, opened)
      })
    },
    clear() {
      for (const lane of lanes.values()) {
        for (const waiting of lane.splice(0)) {
          queuedBytes -= parcelShare(waiting.envelope)
          waiting.resolve({ recipients: 0 })
        }
      }
    }
  }
}

/** Put behind all that are as pressing. */
function line(lane: Waiting[], waiting: Waiting): void {
  const place = lane.findLastIndex(({ rank }) => rank >= waiting.rank) + 1
  if (place === lane.length) lane.push(waiting)
  else lane.splice(place, 0, waiting)
}

/** What is alike shares a parcel: on a slow link a parcel arrives when its last byte does. */
function countOfNextParcel(lane: readonly Waiting[]): number {
  let room = PARCEL_ROOM
  let count = 0
  for (const waiting of lane) {
    room -= parcelShare(waiting.envelope)
    if (room < 0 || waiting.rank !== lane[0]?.rank) break
    count += 1
  }
  return count
}
