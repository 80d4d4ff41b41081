import type { Contact } from '../../library.js'
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
  const { contact } = state
  const start = [{ text: '── ', style: paint.faint }, ...who(contact, columns, paint)]
  const end = { text: ' ──', style: paint.faint }
  const [trouble, trust] = [concern(contact, paint), standing(contact, paint)]
  const [waiting, peers] = [elsewhere(state, columns, paint), countPiece(state, paint)]
  // What matters less gives way first.
  const choices = [
    { left: [...start, ...trouble, ...trust], right: [...waiting, ...peers, end] },
    { left: [...start, ...trouble], right: [...waiting, ...peers, end] },
    { left: [...start, ...trouble], right: [...waiting, end] },
    { left: start, right: [...waiting, end] }
  ]
  for (const { left, right } of choices) {
    const rest = columns - length(left) - length(right)
    const line = { text: ` ${'─'.repeat(Math.max(0, rest - 1))}`, style: paint.faint }
    if (rest >= 2) return [...left, line, ...right].map(styled).join('')
  }
  return truncate(start.map(({ text }) => text).join(''), columns)
}

function who(contact: Contact, columns: number, paint: Paint): Piece[] {
  const reach = contact.reachable
    ? { text: ' ● reachable', style: paint.good }
    : { text: ' ○ out of reach', style: paint.faint }
  return [{ text: truncate(contactName(contact), nameRoom(columns)), style: paint.strong }, reach]
}

/** A name must not take the place of what there is to know about the contact. */
function nameRoom(columns: number): number {
  return Math.max(4, Math.floor(columns / 3))
}

/** The one thing about the contact that keeps messages from them. */
function concern({ change, blocked, session }: Contact, paint: Paint): Piece[] {
  if (change !== undefined) return [{ text: ' · keys changed: /accept', style: paint.warning }]
  if (blocked) return [{ text: ' · blocked: /unblock', style: paint.warning }]
  return session === 'waiting-for-bundle' ? [{ text: ' · first contact pending', style: paint.faint }] : []
}

function standing({ verified }: Contact, paint: Paint): Piece[] {
  return [
    verified
      ? { text: ' · verified', style: paint.good }
      : { text: ' · not verified: /verify', style: paint.faint }
  ]
}

function elsewhere({ scroll, unseen, elsewhere: others }: ChatState, columns: number, paint: Paint): Piece[] {
  const below = unseen > 0 ? `↓ ${String(unseen)} new: Esc` : '↓ Esc'
  return [
    ...(scroll > 0 ? [{ text: ` ${below}`, style: paint.warning }] : []),
    ...[...others].map(([name, count]) => ({
      text: ` ${String(count)} from ${truncate(name, nameRoom(columns))}`,
      style: paint.strong
    }))
  ]
}

function countPiece({ peers }: ChatState, paint: Paint): Piece[] {
  return [{ text: ` ${countText(peers, 'peer')}`, style: paint.faint }]
}

function length(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + cells(text), 0)
}

function styled({ text, style }: Piece): string {
  return style(text)
}
