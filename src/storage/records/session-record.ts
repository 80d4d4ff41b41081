import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import type { DhKeyPair } from '../../crypto/dh.js'
import type { HeaderKeys } from '../../protocol/ratchet/kdf.js'
import {
  SESSION_ID_BYTES,
  type Chain,
  type HelloOpening,
  type Session
} from '../../protocol/ratchet/session.js'
import { INCARNATION_BYTES } from '../../protocol/identity/identity.js'
import { readEpochKey, readPqRatchet, writeEpochKey, writePqRatchet } from './pq-ratchet-record.js'
import { optional, readLong, readOptional, recordCodec, writeLong, writeOptional } from './record-codec.js'

const KEY_BYTES = 32
/** The version that has the post-quantum ratchet; sessions of the one before go on without. */
const WITH_PQ = 2

function writePair(writer: Writer, pair: DhKeyPair): void {
  writer.bytes(pair.publicKey).bytes(pair.secretKey)
}

function readPair(reader: Reader): DhKeyPair {
  return { publicKey: readKey(reader), secretKey: readKey(reader) }
}

function readKey(reader: Reader): Uint8Array {
  return reader.bytes(KEY_BYTES).slice()
}

function writeHeaderKeys(writer: Writer, keys: HeaderKeys): void {
  writer.bytes(keys.header).bytes(keys.tag)
}

function readHeaderKeys(reader: Reader): HeaderKeys {
  return { header: readKey(reader), tag: readKey(reader) }
}

function writeChain(writer: Writer, chain: Chain): void {
  writer.bytes(chain.chainKey)
  writeHeaderKeys(writer, chain.headerKeys)
  writer.u32(chain.next)
  writeOptional(writer, chain.pq, (key) => writeEpochKey(writer, key))
}

function readChain(reader: Reader, version: number): Chain {
  const chain = { chainKey: readKey(reader), headerKeys: readHeaderKeys(reader), next: reader.u32() }
  return version < WITH_PQ
    ? chain
    : {
        ...chain,
        ...optional(
          'pq',
          readOptional(reader, () => readEpochKey(reader))
        )
      }
}

function writeOpening(writer: Writer, opening: HelloOpening): void {
  writer.bytes(opening.ephemeralKey)
  writeLong(writer, opening.kemCiphertext)
  writeLong(writer, opening.kemPrekeyId)
  writer.u32(opening.epoch).bytes(opening.signedPrekey).bytes(opening.bundleHash)
  writeOptional(writer, opening.invite, (invite) => writer.bytes(invite))
  writer
    .u8(opening.oneTime ? 1 : 0)
    .u32(opening.count)
    .u32(opening.firstCount)
}

function readOpening(reader: Reader): HelloOpening {
  const ephemeralKey = readKey(reader)
  const kemCiphertext = readLong(reader)
  const kemPrekeyId = readLong(reader)
  const epoch = reader.u32()
  const signedPrekey = readKey(reader)
  const bundleHash = readKey(reader)
  const invite = readOptional(reader, () => readKey(reader))
  const oneTime = reader.u8() === 1
  const counts = { count: reader.u32(), firstCount: reader.u32() }
  const route = { epoch, signedPrekey, bundleHash, ...optional('invite', invite) }
  return { ephemeralKey, kemCiphertext, kemPrekeyId, ...route, oneTime, ...counts }
}

/** A session as bytes; parsing what was written and going on equals never having stopped. */
export const sessionRecord = recordCodec<Session>(
  'session',
  WITH_PQ,
  (writer, session) => {
    writer.bytes(session.id).bytes(session.associatedData).u32(session.generation).u64(session.createdAt)
    writer.bytes(session.ownIncarnation).bytes(session.theirIncarnation).bytes(session.rootKey)
    writePair(writer, session.ownRatchetKey)
    writeOptional(writer, session.theirRatchetKey, (key) => writer.bytes(key))
    writeOptional(writer, session.sending, (chain) => writeChain(writer, chain))
    writer.u32(session.previousCount)
    writeHeaderKeys(writer, session.nextSendingHeaderKeys)
    writeOptional(writer, session.receiving, (chain) => {
      writeChain(writer, chain)
      writer.u32(chain.window)
    })
    writeHeaderKeys(writer, session.nextReceivingHeaderKeys)
    writer.u32(session.skippedCount)
    writeOptional(writer, session.opening, (opening) => writeOpening(writer, opening))
    writer.u8(session.stale ? 1 : 0)
    writeOptional(writer, session.pq, (pq) => writePqRatchet(writer, pq))
  },
  (reader, version) => {
    const id = reader.bytes(SESSION_ID_BYTES).slice()
    const associatedData = readKey(reader)
    const generation = reader.u32()
    const createdAt = reader.u64()
    const ownIncarnation = reader.bytes(INCARNATION_BYTES).slice()
    const theirIncarnation = reader.bytes(INCARNATION_BYTES).slice()
    const rootKey = readKey(reader)
    const ownRatchetKey = readPair(reader)
    const theirRatchetKey = readOptional(reader, () => readKey(reader))
    const sending = readOptional(reader, () => readChain(reader, version))
    const previousCount = reader.u32()
    const nextSendingHeaderKeys = readHeaderKeys(reader)
    const receiving = readOptional(reader, () => ({ ...readChain(reader, version), window: reader.u32() }))
    const nextReceivingHeaderKeys = readHeaderKeys(reader)
    const skippedCount = reader.u32()
    const opening = readOptional(reader, () => readOpening(reader))
    const stale = reader.u8() === 1
    const pq = version < WITH_PQ ? undefined : readOptional(reader, () => readPqRatchet(reader))
    return {
      id,
      associatedData,
      generation,
      createdAt,
      ownIncarnation,
      theirIncarnation,
      rootKey,
      ownRatchetKey,
      ...optional('theirRatchetKey', theirRatchetKey),
      ...optional('sending', sending),
      previousCount,
      nextSendingHeaderKeys,
      ...optional('receiving', receiving),
      nextReceivingHeaderKeys,
      skippedCount,
      ...optional('opening', opening),
      stale,
      ...optional('pq', pq)
    }
  },
  1
)
