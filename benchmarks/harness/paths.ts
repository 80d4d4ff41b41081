import { fileURLToPath } from 'node:url'

/** The repository: this file runs as `dist/benchmarks/harness/paths.js`. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))
/** What the library is compared with is installed here. */
export const peersDirectory = fileURLToPath(new URL('../../../benchmarks', import.meta.url))
/** OrbitDB and the older libp2p it needs, apart: nothing else may find them. */
export const orbitDirectory = fileURLToPath(new URL('../../../benchmarks/orbitdb', import.meta.url))
