import { isDeepStrictEqual } from 'node:util'
import { encodeParcel, MAX_PARCEL_BYTES } from '../../../src/codec/parcel.js'
import { seal } from '../../../src/crypto/aead.js'
import { sign } from '../../../src/crypto/signature.js'
import {
  flattenRanges,
  hasNumber,
  NO_RANGES,
  parseRanges,
  unite
} from '../../../src/protocol/delivery/ranges.js'
import { openDirect } from '../../../src/protocol/envelope/direct.js'
import {
  detachOutline,
  encodePrefix,
  envelopeSize,
  LANE_TAGGED,
  outlineEnvelope
} from '../../../src/protocol/envelope/envelope.js'
import { inspectParcel } from '../../../src/protocol/envelope/inspect.js'
import { pad } from '../../../src/protocol/envelope/padding.js'
import { openInvitedHello, openOpenHello } from '../../../src/protocol/handshake/hello.js'
import { decodeHelloContent, encodeHelloContent } from '../../../src/protocol/handshake/hello-layout.js'
import { inviteTags } from '../../../src/protocol/handshake/invite.js'
import { encodeCertificate } from '../../../src/protocol/identity/certificate.js'
import { label } from '../../../src/protocol/labels.js'
import {
  MAX_BODIES,
  MAX_ENVELOPE_BYTES,
  MAX_RECEIPT_RANGES,
  MAX_STREAMS
} from '../../../src/protocol/limits.js'
import {
  appendPiece,
  decodePayload,
  encodeBody,
  encodePayload
} from '../../../src/protocol/message/payload.js'
import { bodyAssociatedData } from '../../../src/protocol/ratchet/encrypt.js'
import { decryptMessage } from '../../../src/protocol/ratchet/decrypt.js'
import { decodeHeader, encodeHeader } from '../../../src/protocol/ratchet/header.js'
import { messageKey, nextChainKey } from '../../../src/protocol/ratchet/kdf.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { HELLO_DAY, paidHello, sayHello } from '../../support/protocol-hello.js'
import { begin, createInvite, createPerson, establish } from '../../support/protocol-parties.js'
import { expectKind, joined, must, NOW, seeded } from '../../support/protocol-values.js'
import { mendProtobuf } from '../mend-protobuf.js'
import { below } from '../mutate.js'
import { DECODER_ALLOCATION, promise, promiseSame, scaleOf, type FuzzTarget } from '../target.js'
import { payloadSamples } from './payload-samples.js'

const random = seeded(0xabba)
const [sender, recipient] = [createPerson(0xabba), createPerson(0xabbb)]
const invite = createInvite(random)

/** Two ends that have both spoken, and an envelope of each kind. */
function conversation() {
  const tags = new TagLookup()
  const { alice, bob } = establish(0xabbc)
  const first = sendText(endpointOf(alice), 'one', random)
  const heard = expectKind(receive(endpointOf(bob), first.envelope, tags), 'delivered').endpoint
  const answer = sendText(heard, 'two', random)
  const answered = expectKind(receive(first.endpoint, answer.envelope, tags), 'delivered').endpoint
  const hello = sayHello(sender, begin(sender, recipient, { invite }).session, 'three', random).envelope
  return {
    direct: [first.envelope, answer.envelope],
    hello,
    receiver: answered.session,
    author: answer.endpoint.session
  }
}

const { direct, hello, receiver, author } = conversation()

const envelope: FuzzTarget = {
  name: 'envelope',
  weight: 100,
  get samples() {
    const salt = random(8)
    const { envelope: paid, unpaid } = paidHello()
    const envelopes = [...direct, hello, paid]
    const stale = encodePrefix(LANE_TAGGED, 3, new Uint8Array(16))
    return [
      ...envelopes.map((one) => encodeParcel([one], salt)),
      encodeParcel(envelopes, salt),
      encodeParcel([unpaid], salt),
      encodeParcel([joined(stale, random(492)), direct[0] ?? hello], salt)
    ].map((parcel) => parcel.slice())
  },
  maxLength: MAX_PARCEL_BYTES,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const inspected = inspectParcel(input, NOW)
    if (inspected.kind === 'rejected') return inspected.reason
    for (const outline of inspected.envelopes) {
      const { bytes } = outline
      promise(envelopeSize(bytes.length) === bytes.length, 'an envelope has one of the sizes')
      promise(bytes.buffer === input.buffer, 'an outline is a view')
      promise(isDeepStrictEqual(detachOutline(outline), { ...outline }), 'a detached outline says the same')
      const again = expectKind(outlineEnvelope(bytes, NOW), 'outlined').outline
      promiseSame(again.tag, outline.tag, 'an envelope has one outline')
      const { prefix, message } = openDirect(outline)
      const parts = joined(prefix, message.nonce, message.sealedHeader, message.sealedBody)
      promiseSame(parts, bytes, 'the parts of an envelope are all of it')
    }
    return `taken: ${scaleOf(inspected.envelopes.length)}, lanes ${[...new Set(inspected.envelopes.map(({ lane }) => lane))].sort().join('')}`
  }
}

const tags = inviteTags(invite.secret).map((tag) => Buffer.from(tag).toString('hex'))

const helloTarget: FuzzTarget = {
  name: 'hello',
  weight: 2,
  get samples() {
    return [hello, paidHello().envelope, paidHello().unpaid]
  },
  maxLength: MAX_ENVELOPE_BYTES,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const outlined = outlineEnvelope(input, NOW)
    if (outlined.kind === 'rejected') return outlined.reason
    const { outline } = outlined
    const count = Math.max(0, tags.indexOf(Buffer.from(outline.tag).toString('hex')))
    const { prekeys } = outline.lane === LANE_TAGGED ? recipient : paidHello().recipient
    const opened =
      outline.lane === LANE_TAGGED
        ? openInvitedHello(outline, invite.secret, count, prekeys)
        : openOpenHello(outline, prekeys)
    if (opened.kind === 'rejected') return `lane ${outline.lane}: ${opened.reason}`
    promiseSame(
      input,
      outline.lane === LANE_TAGGED ? hello : paidHello().envelope,
      'only what was sealed opens'
    )
    return `lane ${outline.lane}: opened`
  }
}

const CERTIFICATE_BYTES = sender.certificate.length
const SIGNATURE_BYTES = 64

const helloContent: FuzzTarget = {
  name: 'hello-content',
  weight: 12,
  samples: [true, false].map((oneTime) =>
    encodeHelloContent({
      certificate: sender.certificate,
      generation: oneTime ? 1 : 2 ** 31,
      bundleHash: random(32),
      ephemeralKey: random(32),
      kemCiphertext: random(1_088),
      kemPrekeyId: random(8),
      oneTime,
      pqRatchet: !oneTime,
      tag: random(16),
      message: { nonce: random(12), sealedHeader: random(59), sealedBody: random(oneTime ? 0 : 40) }
    }).slice()
  ),
  maxLength: MAX_ENVELOPE_BYTES,
  maxAllocation: DECODER_ALLOCATION,
  mend(input) {
    const certified = input.subarray(2, 2 + CERTIFICATE_BYTES - SIGNATURE_BYTES)
    const signature = sign(joined(label('certificate'), certified), sender.own.signing.secretKey)
    return joined(input.subarray(0, 2), certified, signature, input.subarray(2 + CERTIFICATE_BYTES))
  },
  run(input) {
    const content = decodeHelloContent(input)
    if (content === undefined) return 'refused'
    const { seq, dhKey, incarnation } = content.certificate
    const signer = { ...sender.own, dh: { ...sender.own.dh, publicKey: dhKey }, incarnation }
    const encoded = encodeHelloContent({ ...content, certificate: encodeCertificate(signer, seq) })
    promiseSame(encoded, input, 'a hello has one encoding')
    return `taken: ${content.oneTime ? 'one-time' : 'no one-time'} key`
  }
}

const header: FuzzTarget = {
  name: 'header',
  weight: 100,
  samples: [
    { ratchetKey: random(32), previousCount: 0, number: 0, pqEpoch: 0 },
    { ratchetKey: random(32), previousCount: 0xffff_ffff, number: 0xffff_ffff, pqEpoch: 0xffff }
  ].map((fields) => encodeHeader(fields).slice()),
  maxLength: 2_000,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const decoded = decodeHeader(input)
    if (decoded === undefined) return 'refused'
    promiseSame(encodeHeader(decoded), input, 'a header has one encoding')
    return 'taken'
  }
}

const payload: FuzzTarget = {
  name: 'payload',
  weight: 40,
  samples: payloadSamples,
  maxLength: MAX_ENVELOPE_BYTES,
  maxAllocation: DECODER_ALLOCATION,
  mend: (input, chance) => mendProtobuf(input, below(chance, 3)),
  run(input) {
    const decoded = decodePayload(input)
    if (decoded.kind === 'rejected') return decoded.reason
    const { bodies, receipts, piece } = decoded.payload
    promise(bodies.length <= MAX_BODIES && receipts.length <= MAX_STREAMS, 'a payload has its bounds')
    const encoded = encodePayload(bodies.map(encodeBody), receipts)
    const again = expectKind(
      decodePayload(piece === undefined ? encoded : appendPiece(encoded, piece)),
      'decoded'
    )
    promise(isDeepStrictEqual(again.payload, decoded.payload), 'a payload is read as it is written')
    const kinds = bodies.map(({ text, data, profile }) =>
      text !== undefined ? 't' : data !== undefined ? 'd' : profile !== undefined ? 'p' : 'n'
    )
    return `taken: ${[...new Set(kinds)].sort().join('')}, ${scaleOf(bodies.length)}, ${scaleOf(receipts.length)}`
  }
}

/** Numbers as an attacker chooses them: mostly near each other, some at the end of what a number can be. */
function numbersIn(input: Uint8Array): number[] {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  return Array.from({ length: Math.floor(input.length / 4) }, (_, index) => {
    const value = view.getUint32(index * 4)
    return value >>> 31 === 0 ? value & 0xffff : Number.MAX_SAFE_INTEGER - (value & 0xff)
  })
}

const ranges: FuzzTarget = {
  name: 'ranges',
  weight: 60,
  samples: [
    [0, 5, 7, 1],
    [10, 1, 12, 1, 14, 1, 16, 1],
    [1, 1, 0x8000_0000, 1]
  ].map((values) =>
    Uint8Array.from(values.flatMap((value) => [value >>> 24, value >> 16, value >> 8, value]))
  ),
  maxLength: 4 * 2 * (MAX_RECEIPT_RANGES + 2),
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const pairs = numbersIn(input)
    const parsed = parseRanges(pairs, MAX_RECEIPT_RANGES)
    if (parsed === undefined) return 'refused'
    promise(isDeepStrictEqual(flattenRanges(parsed, MAX_RECEIPT_RANGES), pairs), 'a set has one encoding')
    const end = 0x8000
    const taken = unite([[3, 4]], parsed, end, MAX_RECEIPT_RANGES)
    promise(taken.length <= MAX_RECEIPT_RANGES, 'a set has its bound')
    promise(
      taken.every(([first, count]) => first + count <= end),
      'what was never numbered is not taken'
    )
    promise(unite(taken, parsed, end, MAX_RECEIPT_RANGES) === taken, 'once more is nothing new')
    for (const [first, count] of parsed) {
      const last = Math.min(first + count, end) - 1
      const isKept = last < first || taken.length === MAX_RECEIPT_RANGES || hasNumber(taken, last)
      promise(isKept, 'what was said is taken')
    }
    promise(unite(NO_RANGES, NO_RANGES, end, 1) === NO_RANGES, 'nothing and nothing is nothing')
    return `taken: ${scaleOf(parsed.length)}, ${scaleOf(taken.length)}`
  }
}

const BEFORE = sessionRecord.encode(receiver).slice()
const SENDING = must(author.sending)

/** What a contact that departs from the protocol puts in its headers: sealed rightly, whatever they say. */
const ratchet: FuzzTarget = {
  name: 'ratchet',
  weight: 4,
  samples: [
    { ratchetKey: author.ownRatchetKey.publicKey, previousCount: 0, number: 1 },
    { ratchetKey: author.ownRatchetKey.publicKey, previousCount: 0, number: 60 },
    { ratchetKey: createPerson(9).own.dh.publicKey, previousCount: 2_002, number: 0 },
    { ratchetKey: new Uint8Array(32), previousCount: 1, number: 3 }
  ].map((fields) => encodeHeader({ ...fields, pqEpoch: 0 }).slice()),
  maxLength: 64,
  // Two steps that each skip as many messages as they may.
  maxAllocation: 8 * DECODER_ALLOCATION,
  run(input) {
    const number = (decodeHeader(input)?.number ?? 0) % 64
    let key = SENDING.chainKey
    for (let at = SENDING.next; at < number; at++) key = nextChainKey(key)
    const outcomes = (['current', 'next'] as const).map((chain) => {
      const keys = chain === 'current' ? receiver.receiving?.headerKeys : receiver.nextReceivingHeaderKeys
      const prefix = encodePrefix(LANE_TAGGED, HELLO_DAY, random(16))
      const nonce = random(12)
      const sealedHeader = seal(must(keys).header, nonce, input, prefix)
      const bound = bodyAssociatedData(prefix, sealedHeader, receiver.associatedData)
      const sealedBody = seal(messageKey(key, receiver.id), nonce, pad(random(3), 64), bound)
      const step = decryptMessage(receiver, { chain, number }, prefix, { nonce, sealedHeader, sealedBody })
      if (step.kind === 'rejected') return step.reason
      promise(step.skipped.length <= 2_000, 'a step skips no more than its bound')
      const kept = sessionRecord.decode(sessionRecord.encode(step.session))
      promise(isDeepStrictEqual(kept, step.session), 'a session can be kept')
      return `taken ${scaleOf(step.skipped.length)}`
    })
    promiseSame(sessionRecord.encode(receiver), BEFORE, 'a step leaves the session it was given')
    return outcomes.join('; ')
  }
}

/** What travels in parcels. */
export const messageTargets: readonly FuzzTarget[] = [
  envelope,
  helloTarget,
  helloContent,
  header,
  payload,
  ranges,
  ratchet
]
