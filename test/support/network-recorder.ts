import { decodeParcel } from '../../src/codec/parcel.js'
import type { NetworkHandlers, PeerName, PeerStream, Verdict } from '../../src/network/network.js'

/** Handlers that keep what they were told, for tests to look at. */
export interface Recorder {
  readonly handlers: NetworkHandlers
  /** Envelopes received, in order. */
  readonly envelopes: Uint8Array[]
  /** Their parcels' number. */
  parcels: number
  /** `topic peer` of every join. */
  readonly joins: string[]
  /** Senders of the parcels received. */
  readonly senders: PeerName[]
  /** Parcels inspected, whatever came of it. */
  inspected: number
  /** What `inspect` says of well-formed parcels. */
  verdict: Verdict
  /** Streams that others opened. */
  readonly streams: PeerStream[]
  /** Answers direct requests: reverses them unless replaced. */
  answer: NetworkHandlers['onRequest']
  /** Called after every event. */
  onEvent: () => void
}

export function createRecorder(): Recorder {
  const recorder: Recorder = {
    envelopes: [],
    parcels: 0,
    joins: [],
    senders: [],
    inspected: 0,
    verdict: 'accept',
    streams: [],
    answer: (_, request) => Promise.resolve(request.toReversed()),
    onEvent: () => undefined,
    handlers: {
      inspect(_, parcel) {
        recorder.inspected += 1
        return decodeParcel(parcel) === undefined ? 'reject' : recorder.verdict
      },
      onParcel(_, parcel, from) {
        recorder.envelopes.push(...(decodeParcel(parcel) ?? []))
        recorder.parcels += 1
        recorder.senders.push(from)
        recorder.onEvent()
      },
      onPeers() {
        recorder.onEvent()
      },
      onJoin(topic, peer) {
        recorder.joins.push(`${topic} ${peer}`)
        recorder.onEvent()
      },
      onRequest: (protocol, request, from) => recorder.answer(protocol, request, from),
      onStream(_, stream) {
        recorder.streams.push(stream)
        recorder.onEvent()
      }
    }
  }
  return recorder
}

/** An envelope that carries a number. */
export function numbered(number: number, length = 512): Uint8Array {
  const envelope = new Uint8Array(length)
  new DataView(envelope.buffer).setUint32(0, number)
  return envelope
}

export function numberOf(envelope: Uint8Array): number {
  return new DataView(envelope.buffer, envelope.byteOffset).getUint32(0)
}
