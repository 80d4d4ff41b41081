import type { Session } from '../session.js'

/** libp2p is half of all files: the command line, of which half only looks into a store, does not wait for them. An app has loaded them with the library. */
export async function loadSession(): Promise<typeof Session> {
  return (await import('../session.js')).Session
}
