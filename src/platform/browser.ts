import { MessengerError } from '../errors.js'
import type { Platform } from './platform.js'
import { systemClock, systemRandom } from './system.js'

function noFiles(): Promise<never> {
  return Promise.reject(
    new MessengerError(
      'OPTIONS_INVALID',
      'A browser has no key files; pass unlock with a passphrase or a key'
    )
  )
}

export const platform: Platform = {
  clock: systemClock,
  random: systemRandom,
  makeDirectory: () => Promise.resolve(),
  readKeyFile: noFiles,
  writeKeyFile: noFiles,
  destroyKeyFile: () => Promise.resolve(),
  readMark: () => Promise.resolve(undefined),
  writeMark: () => Promise.resolve(undefined),
  removeDirectory: () => Promise.resolve()
}
