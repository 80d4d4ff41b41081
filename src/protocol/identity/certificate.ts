import type { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { sign, verify } from '../../crypto/signature.js'
import { readKey, writeKey } from '../key-tag.js'
import { label } from '../labels.js'
import { INCARNATION_BYTES, type OwnIdentity, type PublicIdentity } from './identity.js'

const SIGNATURE_BYTES = 64

/** Who speaks: the signing key's word that this X25519 key and this incarnation are its own. */
export interface Certificate extends PublicIdentity {
  readonly incarnation: Uint8Array
  /** The author's bundle sequence when it was made: of two incarnations the one with the higher number is newer. */
  readonly seq: number
}

function writeFields(certificate: Certificate): Uint8Array {
  const writer = new Writer()
  writeKey(writer, 'ed25519', certificate.signingKey)
  writeKey(writer, 'x25519', certificate.dhKey)
  return writer.bytes(certificate.incarnation).u64(certificate.seq).finish()
}

/** `tag‖IKs ‖ tag‖IKd ‖ incarnation 16 ‖ seq u64 ‖ signature 64`, the signature over the label and all before it. */
export function encodeCertificate(own: OwnIdentity, seq: number): Uint8Array {
  const fields = writeFields({
    signingKey: own.signing.publicKey,
    dhKey: own.dh.publicKey,
    incarnation: own.incarnation,
    seq
  })
  const signature = sign(
    new Writer().bytes(label('certificate')).bytes(fields).finish(),
    own.signing.secretKey
  )
  return new Writer().bytes(fields).bytes(signature).finish()
}

/** The certificate at the reader, its signature checked strictly; `undefined` if anything is wrong with it. */
export function readCertificate(reader: Reader): Certificate | undefined {
  const signingKey = readKey(reader, 'ed25519')
  const dhKey = readKey(reader, 'x25519')
  const incarnation = reader.bytes(INCARNATION_BYTES).slice()
  const seq = reader.u64()
  const signature = reader.bytes(SIGNATURE_BYTES)
  if (signingKey === undefined || dhKey === undefined || reader.failed) return undefined
  const certificate = { signingKey, dhKey, incarnation, seq }
  const signed = new Writer().bytes(label('certificate')).bytes(writeFields(certificate)).finish()
  return verify(signature, signed, signingKey) ? certificate : undefined
}
