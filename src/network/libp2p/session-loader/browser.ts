import { Session } from '../session.js'

/** Loaded with the page: when it starts there may be no network any more that would bring the rest. */
export async function loadSession(): Promise<typeof Session> {
  return await Promise.resolve(Session)
}
