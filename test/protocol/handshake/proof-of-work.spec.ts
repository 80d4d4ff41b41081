import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { isProof, PROOF_BYTES, searchProof } from '../../../src/protocol/handshake/proof-of-work.js'
import { PROOF_OF_WORK_BITS } from '../../../src/protocol/limits.js'
import { paidHello } from '../../support/protocol-hello.js'
import { expectKind, flipped, seeded } from '../../support/protocol-values.js'

describe('protocol/handshake/proof-of-work', () => {
  it('finds a counter whose hash begins with the zeros that are asked for', () => {
    const { challenge, proof } = paidHello()
    assert.equal(proof.length, PROOF_BYTES)
    assert.ok(isProof(challenge, proof))
    const digest = createHash('sha256').update('hallig/1/pow').update(challenge).update(proof).digest()
    assert.equal(digest.readUInt32BE(0) >>> (32 - PROOF_OF_WORK_BITS), 0)
  })

  it('takes a proof for its challenge only', () => {
    const { challenge, proof } = paidHello()
    assert.equal(isProof(flipped(challenge, 0), proof), false)
    assert.equal(isProof(challenge, flipped(proof, 7)), false)
    assert.equal(isProof(challenge, proof.subarray(1)), false)
    assert.equal(isProof(challenge, new Uint8Array(0)), false)
  })

  it('asks for exactly so many zeros', () => {
    // Of the challenge of zeros, the first counters whose hashes begin with exactly 19 and 20 zero bits.
    const challenge = new Uint8Array(32)
    const [nineteen, twenty] = [61_006, 65_727]
    const proof = (value: number): Uint8Array => {
      const bytes = new Uint8Array(PROOF_BYTES)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
      return bytes
    }
    assert.equal(PROOF_OF_WORK_BITS, 20)
    assert.deepEqual(
      [nineteen, twenty].map((value) => isProof(challenge, proof(value))),
      [false, true]
    )
    const { proof: found } = expectKind(searchProof({ challenge, next: nineteen }, 5_000), 'found')
    assert.deepEqual(found, proof(twenty))
  })

  it('goes on where it stopped', () => {
    const { challenge, proof } = paidHello()
    const found = Number(new DataView(proof.buffer, proof.byteOffset).getBigUint64(0))
    const start = Math.max(0, found - 150)
    const { search } = expectKind(searchProof({ challenge, next: start }, found - start), 'searching')
    assert.equal(search.next, found)
    assert.deepEqual(expectKind(searchProof(search, 1), 'found').proof, proof)
    assert.equal(
      expectKind(searchProof({ challenge: seeded(1)(32), next: 5 }, 10), 'searching').search.next,
      15
    )
  })
})
