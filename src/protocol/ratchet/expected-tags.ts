import { NEXT_TAG_WINDOW } from '../limits.js'
import type { Session } from './session.js'

/** A run of messages that may arrive next: numbers `from` … `to - 1` of the chain with this tag key. */
export interface TagRun {
  readonly tagKey: Uint8Array
  readonly from: number
  readonly to: number
}

/** The runs a session recognises: the window of the current receiving chain and the beginning of the next one. */
export function expectedRuns(session: Session): TagRun[] {
  const { receiving } = session
  const next = { tagKey: session.nextReceivingHeaderKeys.tag, from: 0, to: NEXT_TAG_WINDOW }
  if (receiving === undefined) return [next]
  const current = {
    tagKey: receiving.headerKeys.tag,
    from: receiving.next,
    to: receiving.next + receiving.window
  }
  return [current, next]
}
