import { primitives as portable } from '../../../src/crypto/backends/noble.js'
import { primitives as native } from '../../../src/crypto/backends/node.js'
import { conformToOthers } from '../../conformance/other-libraries.js'
import { seeded } from '../../support/protocol-values.js'
import { freshSeed } from '../../support/store-random.js'

const ROUNDS = { kem: 1_000, rest: 4_000 }

for (const [name, primitives] of [
  ['node:crypto', native],
  ['@noble', portable]
] as const) {
  const seed = freshSeed()
  conformToOthers(`${name} (seed ${String(seed)})`, primitives, seeded(seed), ROUNDS)
}
