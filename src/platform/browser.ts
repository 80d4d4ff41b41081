import { MessengerError } from '../errors.js'
import { keyBuckets, type KeyBuckets } from './key-buckets.js'
import type { Platform } from './platform.js'
import { systemClock, systemRandom } from './system.js'

function bucketsNeeded(): KeyBuckets {
  const buckets = keyBuckets()
  if (buckets !== undefined) return buckets
  throw new MessengerError(
    'OPTIONS_INVALID',
    'This browser has no place for a key file; pass unlock with a passphrase or a key'
  )
}

export const platform: Platform = {
  clock: systemClock,
  random: systemRandom,
  makeDirectory: () => Promise.resolve(),
  joinsKeyFiles: () => keyBuckets() !== undefined,
  readKeyFile: async (file) => await bucketsNeeded().read(file),
  writeKeyFile: async (file, text) => {
    await bucketsNeeded().write(file, text)
  },
  destroyKeyFile: async (file) => {
    await keyBuckets()?.destroy(file)
  },
  readMark: () => Promise.resolve(undefined),
  writeMark: () => Promise.resolve(undefined),
  removeDirectory: () => Promise.resolve()
}
