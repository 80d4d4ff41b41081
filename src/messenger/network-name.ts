import { MessengerError } from '../errors.js'
import { isText } from '../takes.js'

/** The network of who names none. */
export const DEFAULT_NETWORK_NAME = 'main'

const NETWORK_NAME = /^[a-z0-9-]{1,32}$/

/** A name that fits topics and beacons. Throws `OPTIONS_INVALID`. */
export function checkNetworkName(name: string): string {
  // Of anything else its text would be looked at: 'null' and '5' are names.
  if (isText(name) && NETWORK_NAME.test(name)) return name
  throw new MessengerError('OPTIONS_INVALID', 'A network name is 1 to 32 of a-z, 0-9 and -; choose another')
}
