/** The hash functions Hallig uses, by the names node:crypto and RFC 6234 share. */
export type HashName = 'sha256' | 'sha512'

/** scrypt cost (RFC 7914 §2): `N` a power of two, `128 * N * r` bytes of memory, `p` passes. */
export interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/**
 * What a backend offers: byte for byte the same answers from every implementation, proved by one conformance
 * suite. The modules beside `backends/` check lengths and own the names; a backend may rely on those checks.
 * Everything is synchronous, leaves its arguments as they are and returns plain `Uint8Array`s of its own.
 */
export interface Primitives {
  /** SHA-256 or SHA-512 (FIPS 180-4) of the concatenated parts. */
  readonly hash: (name: HashName, parts: readonly Uint8Array[]) => Uint8Array
  /** HMAC (RFC 2104) of the concatenated parts; a key of any length. */
  readonly hmac: (name: HashName, key: Uint8Array, parts: readonly Uint8Array[]) => Uint8Array
  /** The HMACs of `count` numbers in a row, `from` the first, as four bytes each, big-endian; one after the other. */
  readonly hmacNumbers: (name: HashName, key: Uint8Array, from: number, count: number) => Uint8Array
  /** The first `kept` bytes of the hash of `prefix` and each piece of `size` bytes that `pieces` consists of, one after the other; both at most 4,096 bytes together. */
  readonly hashPieces: (
    name: HashName,
    prefix: Uint8Array,
    pieces: Uint8Array,
    size: number,
    kept: number
  ) => Uint8Array
  /** scrypt (RFC 7914) to `length` bytes. */
  readonly scrypt: (password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number) => Uint8Array

  /** ChaCha20-Poly1305 (RFC 8439 §2.8): `headroom` zeros, ciphertext, then the 16-byte tag. */
  readonly seal: (
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associatedData: Uint8Array,
    headroom: number
  ) => Uint8Array
  /** The plaintext of at least 16 sealed bytes, or `undefined` if the tag does not match. */
  readonly open: (
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associatedData: Uint8Array
  ) => Uint8Array | undefined

  /** X25519 public key (RFC 7748 §6.1) of a 32-byte secret key. */
  readonly dhPublicKey: (secretKey: Uint8Array) => Uint8Array
  /** X25519 shared secret, `undefined` where it would be all zero. */
  readonly diffieHellman: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined

  /** Ed25519 public key (RFC 8032 §5.1.5) of a 32-byte seed. */
  readonly signingPublicKey: (secretKey: Uint8Array) => Uint8Array
  /** Ed25519 signature (RFC 8032 §5.1.6), deterministic. */
  readonly sign: (message: Uint8Array, secretKey: Uint8Array) => Uint8Array
  /** Strict cofactorless Ed25519 verification, as `signature.ts` describes; `R` is not the neutral point. */
  readonly verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

  /** ML-KEM-768 encapsulation key (FIPS 203 §6.1) of the 64-byte seed d‖z. */
  readonly kemPublicKey: (secretKey: Uint8Array) => Uint8Array
  /** ML-KEM-768 Encaps_internal (FIPS 203 §6.2) with the 32 bytes `m`; `undefined` if the key fails the modulus check. */
  readonly encapsulate: (publicKey: Uint8Array, m: Uint8Array) => Encapsulation | undefined
  /** ML-KEM-768 Decaps_internal (FIPS 203 §6.3) with the key of the seed d‖z; implicit rejection. */
  readonly decapsulate: (ciphertext: Uint8Array, secretKey: Uint8Array) => Uint8Array

  /** Drops whatever the backend still keeps of this secret key. */
  readonly forget: (secretKey: Uint8Array) => void
}

/** A KEM ciphertext (1088 bytes for ML-KEM-768) and the 32-byte secret it carries. */
export interface Encapsulation {
  readonly ciphertext: Uint8Array
  readonly sharedSecret: Uint8Array
}
