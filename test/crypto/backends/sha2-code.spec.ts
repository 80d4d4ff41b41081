import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { sha256OfFourCode, sha2Constants, sha512Code } from '../../../src/crypto/backends/sha2-code.js'
import { wasmModule } from '../../../src/crypto/backends/wasm-code.js'

type Compression = (state: number, block: number, result: number, constants: number) => void

const [STATE, BLOCK, RESULT, CONSTANTS] = [0, 256, 512, 1024]

describe('crypto/sha2-code', () => {
  const constants = sha2Constants()
  const module = new WebAssembly.Module(wasmModule([sha512Code(), sha256OfFourCode()], 4))
  const { exports } = new WebAssembly.Instance(module)
  const memory = new DataView((exports['memory'] as WebAssembly.Memory).buffer)
  const sha512 = exports['sha512'] as Compression
  const sha256OfFour = exports['sha256OfFour'] as Compression

  it('has the constants of FIPS 180-4', () => {
    assert.equal(constants.initial.length, 8)
    assert.equal(constants.initial[0], 0x6a09e667f3bcc908n)
    assert.equal(constants.initial[7], 0x5be0cd19137e2179n)
    assert.equal(constants.rounds.length, 80)
    assert.equal(constants.rounds[0], 0x428a2f98d728ae22n)
    assert.equal(constants.rounds[63], 0xc67178f2e372532bn)
    assert.equal(constants.rounds[79], 0x6c44198c4a475817n)
  })

  it('compresses blocks of SHA-512, one after the other', () => {
    for (const [index, word] of constants.rounds.entries()) {
      memory.setBigUint64(CONSTANTS + 8 * index, word, true)
    }
    for (let round = 0; round < 20; round++) {
      const message = new Uint8Array(randomBytes(200))
      const padded = new DataView(new ArrayBuffer(256))
      for (const [index, byte] of message.entries()) padded.setUint8(index, byte)
      padded.setUint8(message.length, 0x80)
      padded.setUint32(252, 8 * message.length)
      for (const [index, word] of constants.initial.entries()) {
        memory.setBigUint64(STATE + 8 * index, word, true)
      }
      for (const block of [0, 128]) {
        for (let at = 0; at < 128; at += 8) {
          memory.setBigUint64(BLOCK + at, padded.getBigUint64(block + at), true)
        }
        sha512(STATE, BLOCK, STATE, CONSTANTS)
      }
      const digest = Array.from({ length: 8 }, (_, index) => memory.getBigUint64(STATE + 8 * index, true))
      const hex = digest.map((word) => word.toString(16).padStart(16, '0')).join('')
      assert.equal(hex, createHash('sha512').update(message).digest('hex'))
    }
  })

  it('compresses blocks of SHA-256 of four messages, each by itself', () => {
    for (const [index, word] of constants.rounds.slice(0, 64).entries()) {
      memory.setUint32(CONSTANTS + 4 * index, Number(word >> 32n), true)
    }
    const lane = (words: number, index: number, message: number) => words + 16 * index + 4 * message
    for (let round = 0; round < 20; round++) {
      const messages = [0, 13, 54, 55].map((length) => new Uint8Array(randomBytes(length)))
      for (const [at, message] of messages.entries()) {
        const padded = new DataView(new ArrayBuffer(64))
        for (const [index, byte] of message.entries()) padded.setUint8(index, byte)
        padded.setUint8(message.length, 0x80)
        padded.setUint32(60, 8 * message.length)
        for (const [index, word] of constants.initial.entries()) {
          memory.setUint32(lane(STATE, index, at), Number(word >> 32n), true)
        }
        for (let index = 0; index < 16; index++) {
          memory.setUint32(lane(BLOCK, index, at), padded.getUint32(4 * index), true)
        }
      }
      sha256OfFour(STATE, BLOCK, RESULT, CONSTANTS)
      for (const [at, message] of messages.entries()) {
        const digest = Array.from({ length: 8 }, (_, index) =>
          memory.getUint32(lane(RESULT, index, at), true)
        )
        const hex = digest.map((word) => word.toString(16).padStart(8, '0')).join('')
        assert.equal(hex, createHash('sha256').update(message).digest('hex'))
      }
    }
  })
})
