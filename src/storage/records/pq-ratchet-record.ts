import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import { KEM_SECRET_KEY_BYTES } from '../../crypto/kem.js'
import type { Authenticator, EpochKey } from '../../protocol/post-quantum/epoch.js'
import type { Gathered, Outgoing } from '../../protocol/post-quantum/pieces.js'
import type { PqExchange, PqRatchet } from '../../protocol/post-quantum/pq-ratchet.js'
import { optional, readLong, readOptional, writeLong, writeOptional } from './record-codec.js'

const KEY_BYTES = 32
const ROLES = ['initiator', 'recipient'] as const
const EXCHANGES = ['offering', 'gathering', 'answering'] as const

export function writeEpochKey(writer: Writer, { epoch, key }: EpochKey): void {
  writer.u16(epoch).bytes(key)
}

export function readEpochKey(reader: Reader): EpochKey {
  return { epoch: reader.u16(), key: readKey(reader) }
}

function readKey(reader: Reader): Uint8Array {
  return reader.bytes(KEY_BYTES).slice()
}

function writeAuthenticator(writer: Writer, { chainKey, macKey }: Authenticator): void {
  writer.bytes(chainKey).bytes(macKey)
}

function readAuthenticator(reader: Reader): Authenticator {
  return { chainKey: readKey(reader), macKey: readKey(reader) }
}

function writeOutgoing(writer: Writer, { whole, next, left }: Outgoing): void {
  writeLong(writer, whole)
  writer.u8(next).u8(left)
}

function readOutgoing(reader: Reader): Outgoing {
  return { whole: readLong(reader), next: reader.u8(), left: reader.u8() }
}

function writeGathered(writer: Writer, { bytes, present }: Gathered): void {
  writeLong(writer, bytes)
  writeLong(writer, present)
}

function readGathered(reader: Reader): Gathered {
  return { bytes: readLong(reader), present: readLong(reader) }
}

function writeExchange(writer: Writer, exchange: PqExchange): void {
  writer.u8(EXCHANGES.indexOf(exchange.kind))
  switch (exchange.kind) {
    case 'offering':
      writer.bytes(exchange.secretKey)
      writeOutgoing(writer, exchange.outgoing)
      writeOptional(writer, exchange.answer, (answer) => writeGathered(writer, answer))
      return
    case 'gathering':
      writeGathered(writer, exchange.offer)
      return
    case 'answering':
      writeOutgoing(writer, exchange.outgoing)
      writeAuthenticator(writer, exchange.authenticator)
      writeEpochKey(writer, exchange.epochKey)
      return
  }
}

function readExchange(reader: Reader): PqExchange {
  const kind = EXCHANGES[reader.u8()] ?? 'gathering'
  switch (kind) {
    case 'offering': {
      const secretKey = reader.bytes(KEM_SECRET_KEY_BYTES).slice()
      const outgoing = readOutgoing(reader)
      const answer = readOptional(reader, () => readGathered(reader))
      return { kind, secretKey, outgoing, ...optional('answer', answer) }
    }
    case 'gathering':
      return { kind, offer: readGathered(reader) }
    case 'answering':
      return {
        kind,
        outgoing: readOutgoing(reader),
        authenticator: readAuthenticator(reader),
        epochKey: readEpochKey(reader)
      }
  }
}

export function writePqRatchet(writer: Writer, state: PqRatchet): void {
  writer.u8(ROLES.indexOf(state.role))
  writeAuthenticator(writer, state.authenticator)
  writeOptional(writer, state.agreed, (key) => writeEpochKey(writer, key))
  writer.u32(state.messages).u64(state.since)
  writeOptional(writer, state.exchange, (exchange) => writeExchange(writer, exchange))
}

export function readPqRatchet(reader: Reader): PqRatchet {
  const role = ROLES[reader.u8()] ?? 'initiator'
  const authenticator = readAuthenticator(reader)
  const agreed = readOptional(reader, () => readEpochKey(reader))
  const messages = reader.u32()
  const since = reader.u64()
  const exchange = readOptional(reader, () => readExchange(reader))
  return {
    role,
    authenticator,
    ...optional('agreed', agreed),
    messages,
    since,
    ...optional('exchange', exchange)
  }
}
