import * as nodeCrypto from 'node:crypto'
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { primitives as portable } from './noble.js'
import type { Primitives } from './primitives.js'

type Kem = Pick<Primitives, 'kemPublicKey' | 'decapsulate'>
type NativeDecapsulate = (key: KeyObject, ciphertext: Uint8Array) => Uint8Array

const SEED_BYTES = 64
const PUBLIC_KEY_BYTES = 1184
/** PKCS#8 with the seed form of an ML-KEM-768 private key (RFC 9935 §6), up to the 64 bytes d‖z. */
const PKCS8_SEED_PREFIX = Buffer.from('3054020100300b060960864801650304040204428040', 'hex')

/** ML-KEM-768 from node:crypto where it has it (Node 24.7 and newer with OpenSSL 3.5), else from @noble. */
export const kem: Kem = nativeKem() ?? {
  kemPublicKey: portable.kemPublicKey,
  decapsulate: portable.decapsulate
}

function nativeKem(): Kem | undefined {
  if (!hasDecapsulate(nodeCrypto)) return undefined
  try {
    importSeed(new Uint8Array(SEED_BYTES))
  } catch {
    return undefined // this Node is linked to an OpenSSL without ML-KEM
  }
  const { decapsulate } = nodeCrypto
  return {
    kemPublicKey(secretKey) {
      const spki = createPublicKey(importSeed(secretKey)).export({ format: 'der', type: 'spki' })
      return Uint8Array.from(spki.subarray(spki.length - PUBLIC_KEY_BYTES))
    },
    decapsulate(ciphertext, secretKey) {
      const sharedSecret = decapsulate(importSeed(secretKey), ciphertext)
      return new Uint8Array(sharedSecret.buffer, sharedSecret.byteOffset, sharedSecret.byteLength)
    }
  }
}

function hasDecapsulate(module: object): module is { readonly decapsulate: NativeDecapsulate } {
  return 'decapsulate' in module && typeof module.decapsulate === 'function'
}

function importSeed(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([PKCS8_SEED_PREFIX, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}
