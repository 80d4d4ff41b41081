import { primitives } from '../../../src/crypto/backends/noble.js'
import { conformPrimitives } from '../../conformance/primitives.js'

conformPrimitives('@noble', primitives)
