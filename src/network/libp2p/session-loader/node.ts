import type { Session } from '../session.js'

/** libp2p is half of all files: who only looks into a store, or has a network of its own, does not wait for them. */
export async function loadSession(): Promise<typeof Session> {
  return (await import('../session.js')).Session
}
