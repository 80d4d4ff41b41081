import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import {
  importSecretKey,
  secretKeyFromPkcs8,
  type Curve
} from '../../../src/crypto/backends/node-secret-keys.js'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'

const secretKey = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const publicKeys: Record<Curve, Uint8Array> = {
  X25519: portable.dhPublicKey(secretKey),
  Ed25519: portable.signingPublicKey(secretKey)
}

describe('a secret key in Node', () => {
  for (const [way, importKey] of Object.entries({ importSecretKey, secretKeyFromPkcs8 })) {
    for (const curve of ['X25519', 'Ed25519'] as const) {
      it(`is the same with ${way}, ${curve}`, () => {
        const { x } = createPublicKey(importKey(curve, secretKey)).export({ format: 'jwk' })
        assert.equal(x, Buffer.from(publicKeys[curve]).toString('base64url'))
      })
    }
  }
})
