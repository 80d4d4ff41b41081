import { scryptSync } from 'node:crypto'
import { aead } from './node-aead.js'
import { dhPublicKey, diffieHellman, forget, sign, signingPublicKey, verify } from './node-curves.js'
import { hash, hashPieces, hmac, hmacNumbers } from './node-hash.js'
import { kem } from './node-kem.js'
import { primitives as portable } from './noble.js'
import type { Primitives } from './primitives.js'

/** OpenSSL through node:crypto; @noble for what it lacks. Never loaded in a browser. */
export const primitives: Primitives = {
  hash,
  hmac,
  hmacNumbers,
  hashPieces,

  scrypt(password, salt, { N, r, p }, length) {
    // node:crypto stops at 32 MiB unless told how much the cost needs (RFC 7914 §6: N + p blocks, and scratch).
    const maxmem = 128 * r * (N + p + 2) + 1024
    const key = scryptSync(password, salt, length, { N, r, p, maxmem })
    return new Uint8Array(key.buffer, key.byteOffset, key.byteLength)
  },

  seal: aead.seal,
  open: aead.open,
  dhPublicKey,
  diffieHellman,
  signingPublicKey,
  sign,
  verify,
  kemPublicKey: kem.kemPublicKey,
  // node:crypto draws its own randomness here; Hallig passes randomness in, so that a seed replays a run.
  encapsulate: portable.encapsulate,
  decapsulate: kem.decapsulate,
  forget
}
