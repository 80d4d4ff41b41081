// ML-KEM-768 for the oracle: libsodium's C (compiled to WebAssembly), because no package of Debian 12 has it and the code it
// is to check uses another implementation. One request a line on stdin, one answer a line on stdout; bytes as hexadecimal.
// `keypair SEED`, `encapsulate PUBLIC RANDOMNESS`, `decapsulate SECRET CIPHERTEXT`; an answer that fails is `failed`.
import { createInterface } from 'node:readline'
import sodium from 'libsodium-wrappers-sumo'

await sodium.ready

const operations = {
  keypair: (seed) => {
    const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed)
    return [publicKey, privateKey]
  },
  encapsulate: (publicKey, randomness) => {
    const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc_deterministic(publicKey, randomness)
    return [ciphertext, sharedSecret]
  },
  decapsulate: (secretKey, ciphertext) => [sodium.crypto_kem_mlkem768_dec(ciphertext, secretKey)]
}

function answer(line) {
  const [name, ...operands] = line.split(' ')
  try {
    const results = operations[name](...operands.map((text) => sodium.from_hex(text)))
    return results.map((bytes) => sodium.to_hex(bytes)).join(' ')
  } catch {
    return 'failed'
  }
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${answer(line)}\n`)
