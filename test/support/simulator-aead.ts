import { primitives } from '#primitives'

/** Watches every seal of this process. */
export interface AeadWatch {
  /** How often a key and a nonce sealed two different things since the last call, and seals in all. Forgets what it saw. */
  take(): { readonly repeated: number; readonly seals: number }
  stop(): void
}

/** No (key, nonce) pair may seal two ciphertexts in a whole run, whoever holds the key: put a watch where all seals pass. */
export function watchAead(): AeadWatch {
  const { seal } = primitives
  /** The tag of what a key and nonce sealed. */
  let sealed = new Map<string, string>()
  let [repeated, seals] = [0, 0]
  Object.assign(primitives, {
    seal: (key: Uint8Array, nonce: Uint8Array, ...rest: [Uint8Array, Uint8Array, number]) => {
      const pair = latin1(key) + latin1(nonce)
      const ciphertext = seal(key, nonce, ...rest)
      const tag = latin1(ciphertext.subarray(-16))
      seals += 1
      if ((sealed.get(pair) ?? tag) !== tag) repeated += 1
      sealed.set(pair, tag)
      return ciphertext
    }
  })
  return {
    take() {
      const seen = { repeated, seals }
      sealed = new Map()
      ;[repeated, seals] = [0, 0]
      return seen
    },
    stop() {
      Object.assign(primitives, { seal })
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
