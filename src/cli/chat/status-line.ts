import { contactName } from '../contact-argument.js'
import { countText } from '../count-text.js'
import type { Paint } from '../terminal/paint.js'
import { cells, truncate } from '../terminal/width.js'
import type { ChatState } from './chat-state.js'

interface Piece {
  readonly text: string
  readonly style: (text: string) => string
}

/** The line between history and input: who this is, whether they can be reached, what waits elsewhere. */
export function statusLine(state: ChatState, columns: number, paint: Paint): string {
  const left = [{ text: '── ', style: paint.faint }, ...aboutContact(state, paint)]
  const right = [...aboutRest(state, paint), { text: ' ──', style: paint.faint }]
  const rest = columns - length(left) - length(right)
  if (rest >= 2)
    return [...left, { text: ` ${'─'.repeat(rest - 2)} `, style: paint.faint }, ...right].map(styled).join('')
  const alone = left.map(({ text }) => text).join('')
  return truncate(alone, columns)
}

function aboutContact({ contact }: ChatState, paint: Paint): Piece[] {
  return [
    { text: contactName(contact), style: paint.strong },
    contact.reachable
      ? { text: ' ● reachable', style: paint.good }
      : { text: ' ○ out of reach', style: paint.faint },
    ...concern(contact, paint)
  ]
}

/** The one thing about the contact that matters most now. */
function concern({ change, blocked, session, verified }: ChatState['contact'], paint: Paint): Piece[] {
  if (change !== undefined)
    return [{ text: ' · keys changed, sending stopped: /accept', style: paint.warning }]
  if (blocked) return [{ text: ' · blocked: /unblock', style: paint.warning }]
  if (session === 'waiting-for-bundle') return [{ text: ' · waiting for first contact', style: paint.faint }]
  return [
    verified
      ? { text: ' · verified', style: paint.good }
      : { text: ' · not verified: /verify', style: paint.faint }
  ]
}

function aboutRest(state: ChatState, paint: Paint): Piece[] {
  const pieces: Piece[] = []
  if (state.scroll > 0) {
    const text = state.unseen > 0 ? `↓ ${String(state.unseen)} new, Esc` : '↓ Esc'
    pieces.push({ text: `${text} · `, style: paint.warning })
  }
  const others = [...state.elsewhere].map(([name, count]) => `${String(count)} from ${name}`)
  if (others.length > 0) pieces.push({ text: `${others.join(', ')} · `, style: paint.strong })
  return [...pieces, { text: countText(state.peers, 'peer'), style: paint.faint }]
}

function length(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + cells(text), 0)
}

function styled({ text, style }: Piece): string {
  return style(text)
}
