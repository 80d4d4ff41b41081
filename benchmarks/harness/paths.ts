import { fileURLToPath } from 'node:url'

/** The repository: this file runs as `dist/benchmarks/harness/paths.js`. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))
/** What the library is compared with is installed here. */
export const peersDirectory = fileURLToPath(new URL('../../../benchmarks', import.meta.url))
