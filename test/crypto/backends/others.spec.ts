import { primitives as portable } from '../../../src/crypto/backends/noble.js'
import { primitives as native } from '../../../src/crypto/backends/node.js'
import { conformToOthers } from '../../conformance/other-libraries.js'
import { seeded } from '../../support/protocol-values.js'

const ROUNDS = { kem: 25, rest: 100 }

conformToOthers('node:crypto', native, seeded(0x07), ROUNDS)
conformToOthers('@noble', portable, seeded(0x08), { ...ROUNDS, rest: 40 })
