import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import type { DhKeyPair } from '../../crypto/dh.js'
import { INCARNATION_BYTES, type OwnIdentity } from '../../protocol/identity/identity.js'
import type { Invite } from '../../protocol/handshake/invite.js'
import type { Prekeys } from '../../protocol/prekeys/prekeys.js'
import {
  optional,
  readList,
  readLong,
  readOptional,
  readText,
  recordCodec,
  writeList,
  writeLong,
  writeOptional,
  writeText
} from './record-codec.js'

/** This device: who it is, and its seed as a peer of the network (which says nothing of who it is). */
export interface OwnRecord {
  readonly identity: OwnIdentity
  readonly name: string
  readonly createdAt: number
  /** 32 random bytes for the network's own key. */
  readonly networkSeed: Uint8Array
}

interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

function writePair(writer: Writer, pair: KeyPair): void {
  writeLong(writer, pair.publicKey)
  writeLong(writer, pair.secretKey)
}

function readPair(reader: Reader): DhKeyPair {
  return { publicKey: readLong(reader), secretKey: readLong(reader) }
}

export const ownRecord = recordCodec<OwnRecord>(
  'identity',
  1,
  (writer, own) => {
    writePair(writer, own.identity.signing)
    writePair(writer, own.identity.dh)
    writer.bytes(own.identity.incarnation)
    writeText(writer, own.name)
    writer.u64(own.createdAt).bytes(own.networkSeed)
  },
  (reader) => {
    const signing = readPair(reader)
    const dh = readPair(reader)
    const incarnation = reader.bytes(INCARNATION_BYTES).slice()
    const name = readText(reader)
    return {
      identity: { signing, dh, incarnation },
      name,
      createdAt: reader.u64(),
      networkSeed: reader.bytes(32).slice()
    }
  }
)

export const prekeysRecord = recordCodec<Prekeys>(
  'prekeys',
  1,
  (writer, prekeys) => {
    writer.u64(prekeys.seq)
    writeList(writer, prekeys.signedPrekeys, (prekey) => {
      writePair(writer.u32(prekey.epoch), prekey)
    })
    writeList(writer, prekeys.kemPrekeys, (prekey) => {
      writePair(writer.u64(prekey.createdAt), prekey)
    })
    writeList(writer, prekeys.issued, ({ seq, hash, notAfter }) => {
      writer.u64(seq).bytes(hash).u64(notAfter)
    })
    writeLong(writer, prekeys.bundle)
    writer.u64(prekeys.issuedAt)
  },
  (reader) => ({
    seq: reader.u64(),
    signedPrekeys: readList(reader, () => ({ epoch: reader.u32(), ...readPair(reader) })),
    kemPrekeys: readList(reader, () => ({ createdAt: reader.u64(), ...readPair(reader) })),
    issued: readList(reader, () => ({
      seq: reader.u64(),
      hash: reader.bytes(32).slice(),
      notAfter: reader.u64()
    })),
    bundle: readLong(reader),
    issuedAt: reader.u64()
  })
)

export const inviteRecord = recordCodec<Invite>(
  'invite',
  1,
  (writer, invite) => {
    writer.bytes(invite.secret)
    writeOptional(writer, invite.oneTimeKey, (pair) => {
      writePair(writer, pair)
    })
    writer.u64(invite.notAfter)
    writeOptional(writer, invite.usedBy, (key) => writer.bytes(key))
  },
  (reader) => {
    const secret = reader.bytes(32).slice()
    const oneTimeKey = readOptional(reader, () => readPair(reader))
    const notAfter = reader.u64()
    const usedBy = readOptional(reader, () => reader.bytes(32).slice())
    return { secret, ...optional('oneTimeKey', oneTimeKey), notAfter, ...optional('usedBy', usedBy) }
  }
)
