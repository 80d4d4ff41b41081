import type { Message, MessageStatus, Priority } from '../library.js'
import { sanitiseLine, sanitiseText } from './sanitise.js'
import type { Paint } from './terminal/paint.js'

/** What a message says, safe to print. */
export function messageText(message: Pick<Message, 'content'>): string {
  const { content } = message
  if (content.kind === 'text') return sanitiseText(content.text)
  return `[${sanitiseLine(content.mediaType)}, ${String(content.bytes.length)} bytes]`
}

/** What stands before the name of who wrote it, where no sender can write: nothing if it is routine. */
export function priorityMark(priority: Priority, paint: Paint): string {
  return priority === 'routine' ? '' : `${paint.warning(priority.toUpperCase())} `
}

/** The sign behind an own message. Without colours, `read` needs its word. */
export function statusTick(status: MessageStatus, paint: Paint): string {
  switch (status) {
    case 'queued':
      return paint.faint('·')
    case 'sent':
      return paint.faint('✓')
    case 'delivered':
      return paint.faint('✓✓')
    case 'read':
      return paint.colours ? paint.seen('✓✓') : '✓✓ read'
    case 'expired':
      return paint.warning('✗ not delivered')
  }
}

/** A message as JSON shows it: all of it and raw, bytes in base64. */
export function messageRecord(message: Message, contactName: string): Record<string, unknown> {
  const { content, ...rest } = message
  if (content.kind === 'text') return { ...rest, contact: contactName, text: content.text }
  const { mediaType, bytes } = content
  return { ...rest, contact: contactName, mediaType, bytes: Buffer.from(bytes).toString('base64') }
}
