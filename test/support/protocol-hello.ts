import type { RandomSource } from '../../src/crypto/random.js'
import { expiryDay, outlineEnvelope, type EnvelopeOutline } from '../../src/protocol/envelope/envelope.js'
import { openInvitedHello, payHello, type OpenedHello } from '../../src/protocol/handshake/hello.js'
import type { Invite } from '../../src/protocol/handshake/invite.js'
import { searchProof } from '../../src/protocol/handshake/proof-of-work.js'
import { sealInHello } from '../../src/protocol/handshake/say-hello.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { begin, createPerson, type Begun, type Person } from './protocol-parties.js'
import { expectKind, NOW, seeded } from './protocol-values.js'

export const HELLO_DAY = expiryDay(NOW, 7 * DAY_MS)

export function outlineOf(envelope: Uint8Array): EnvelopeOutline {
  return expectKind(outlineEnvelope(envelope, NOW), 'outlined').outline
}

/** An invited hello with this text, and the session after it. */
export function sayHello(
  from: Person,
  session: Begun['session'],
  text: string,
  random: RandomSource
): { readonly session: Begun['session']; readonly envelope: Uint8Array } {
  const said = sealInHello(session, from.certificate, new TextEncoder().encode(text), HELLO_DAY, random)
  const { envelope } = expectKind(said.hello, 'sealed')
  return {
    session: { ...said.session, opening: { ...session.opening, count: session.opening.count + 1 } },
    envelope
  }
}

export function openInvited(
  envelope: Uint8Array,
  invite: Invite,
  count: number,
  recipient: Person
): OpenedHello {
  return openInvitedHello(outlineOf(envelope), invite.secret, count, recipient.prekeys)
}

/** The proof for a challenge, searched to the end: about a second. */
export function prove(challenge: Uint8Array): Uint8Array {
  for (let next = 0; ;) {
    const step = searchProof({ challenge, next }, 100_000)
    if (step.kind === 'found') return step.proof
    next = step.search.next
  }
}

/** An open hello that is paid for, with its parts. */
export interface PaidHello {
  readonly sender: Person
  readonly recipient: Person
  readonly unpaid: Uint8Array
  readonly challenge: Uint8Array
  readonly proof: Uint8Array
  readonly envelope: Uint8Array
  readonly session: Begun['session']
}

let paid: PaidHello | undefined

/** The one open hello of all specs that need one: a proof is dear. */
export function paidHello(): PaidHello {
  paid ??= payForHello(createPerson(51), createPerson(52))
  return paid
}

/** An open hello between these two, with a proof of work of about a second. */
export function payForHello(sender: Person, recipient: Person): PaidHello {
  const { session } = begin(sender, recipient)
  const said = sealInHello(
    session,
    sender.certificate,
    new TextEncoder().encode('open'),
    HELLO_DAY,
    seeded(53)
  )
  const { envelope: unpaid, challenge } = expectKind(said.hello, 'unpaid')
  const proof = prove(challenge)
  return { sender, recipient, unpaid, challenge, proof, envelope: payHello(unpaid, proof), session }
}
