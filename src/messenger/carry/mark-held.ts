import { emitUpdates } from '../announce.js'
import type { Context } from '../context.js'
import { markSent } from '../send/enqueue.js'
import type { NewlyHeld } from './holders.js'

/** Messages that another node holds now are sent; the app is told of each that one more holds. */
export function markHeld(context: Context, held: readonly NewlyHeld[]): void {
  for (const { contactId, numbers, positions } of held) {
    context.queue
      .run(contactId, (unit) => {
        // In its turn even where nothing changes: what was said before is committed first.
        if (numbers.length > 0) markSent(unit, numbers)
        unit.after(() => {
          emitUpdates(context, contactId, positions)
        })
      })
      .catch((error: unknown) => {
        context.onFailure('outbox', error)
      })
  }
}
