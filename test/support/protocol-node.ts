import type { RandomSource } from '../../src/crypto/random.js'
import { sealDirect } from '../../src/protocol/envelope/direct.js'
import { unpad } from '../../src/protocol/envelope/padding.js'
import { acceptHello, openFirstMessage } from '../../src/protocol/handshake/accept-hello.js'
import { openInvitedHello } from '../../src/protocol/handshake/hello.js'
import { inviteTags, type Invite } from '../../src/protocol/handshake/invite.js'
import { exchangeHash } from '../../src/protocol/handshake/pqxdh.js'
import { innerPrefix, shouldSayHello } from '../../src/protocol/handshake/say-hello.js'
import { decryptMessage, decryptSkipped, type Decrypted } from '../../src/protocol/ratchet/decrypt.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { chooseSession, nextGeneration } from '../../src/protocol/sessions/choose.js'
import { hexOf, receive, TagLookup, type Endpoint } from './protocol-endpoint.js'
import { HELLO_DAY, outlineOf, sayHello } from './protocol-hello.js'
import { begin, type Person } from './protocol-parties.js'
import { expectKind, must, NOW } from './protocol-values.js'

/** One person talking to one other, with as many sessions as it takes: a messenger without a store. */
export class PairNode {
  readonly person: Person
  readonly peer: Person
  /** The invite this side gave to the other. */
  #given: Invite
  /** The invite this side got, and how many hellos were made with it. */
  #got: Invite
  #hellos = 0
  /** The number of a hello by its tag. */
  readonly #helloCounts: ReadonlyMap<string, number>
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #tags = new TagLookup()
  readonly #random: RandomSource

  /** `before` is who the same person was to the other until one of them lost its state: what it sealed can still be opened. */
  constructor(
    person: Person,
    peer: Person,
    given: Invite,
    got: Invite,
    random: RandomSource,
    before?: PairNode
  ) {
    this.person = person
    this.peer = peer
    this.#given = given
    this.#got = got
    this.#random = random
    this.#helloCounts = new Map(inviteTags(given.secret).map((tag, count) => [hexOf(tag), count]))
    if (before?.person === person)
      for (const [id, endpoint] of before.#endpoints) this.#endpoints.set(id, endpoint)
  }

  /** Everything it would keep in a store. */
  snapshot(): unknown {
    return structuredClone([this.#given, this.#got, this.#hellos, this.#endpoints])
  }

  /** What a restart does: the state goes through a store and comes back. */
  restart(): void {
    for (const [id, endpoint] of this.#endpoints) this.#endpoints.set(id, structuredClone(endpoint))
  }

  get sessions(): Session[] {
    return [...this.#endpoints.values()].map(({ session }) => session)
  }

  get chosen(): Session | undefined {
    return chooseSession(this.sessions, this.person.own.incarnation, this.peer.own.incarnation)
  }

  /** Begin one more session, as after a long silence. */
  begin(): Session {
    const { session } = begin(this.person, this.peer, {
      invite: this.#got,
      generation: nextGeneration(this.sessions)
    })
    // A one-time key serves one session.
    const { oneTimeKey: _used, ...rest } = this.#got
    this.#got = rest
    this.#keep({ session, skipped: new Map() })
    return session
  }

  send(text: string): Uint8Array {
    const session = this.chosen ?? this.begin()
    const { skipped } = must(this.#endpoints.get(hexOf(session.id)))
    if (shouldSayHello(session)) {
      const counted = { ...session, opening: { ...session.opening, count: this.#hellos } }
      const said = sayHello(this.person, counted, text, this.#random)
      this.#hellos += 1
      this.#keep({ session: said.session, skipped })
      return said.envelope
    }
    const sealed = expectKind(
      sealDirect(session, new TextEncoder().encode(text), HELLO_DAY, this.#random),
      'sealed'
    )
    this.#keep({ session: sealed.session, skipped })
    return sealed.envelope
  }

  /** The text in an envelope, if it is one that was not there before. */
  receive(envelope: Uint8Array): string | undefined {
    const count = this.#helloCounts.get(hexOf(outlineOf(envelope).tag))
    if (count !== undefined) return this.#receiveHello(envelope, count)
    for (const endpoint of this.#endpoints.values()) {
      const receipt = receive(endpoint, envelope, this.#tags)
      if (receipt.kind !== 'delivered') continue
      this.#keep(receipt.endpoint)
      return receipt.text
    }
    return undefined
  }

  #receiveHello(envelope: Uint8Array, count: number): string | undefined {
    const opened = openInvitedHello(outlineOf(envelope), this.#given.secret, count, this.person.prekeys)
    if (opened.kind === 'rejected') return undefined
    const { content, signedPrekey } = opened
    const id = exchangeHash(content)
    const known = this.#endpoints.get(hexOf(id))
    if (known !== undefined) {
      const tag = hexOf(content.tag)
      const key = known.skipped.get(tag)
      const expected = this.#tags.match(known.session, content.tag)
      if (key !== undefined)
        return this.#take(known, decryptSkipped(known.session, key, innerPrefix(id), content.message), tag)
      if (expected === undefined) return undefined
      return this.#take(known, decryptMessage(known.session, expected, innerPrefix(id), content.message))
    }
    const { own, prekeys } = this.person
    const accepted = acceptHello(own, prekeys, signedPrekey, this.#given.oneTimeKey, content, NOW)
    const { session } = expectKind(accepted, 'accepted')
    const text = this.#take({ session, skipped: new Map() }, openFirstMessage(session, content))
    if (content.oneTime) {
      const { oneTimeKey: _spent, ...rest } = this.#given
      this.#given = rest
    }
    return text
  }

  #take(
    endpoint: Endpoint,
    step: Decrypted | { readonly kind: 'rejected'; readonly reason: string },
    used?: string
  ): string {
    const { session, skipped, body } = expectKind(step, 'decrypted')
    const keys = new Map(endpoint.skipped)
    if (used !== undefined) keys.delete(used)
    for (const { tag, key } of skipped) keys.set(hexOf(tag), key)
    this.#keep({ session, skipped: keys })
    return new TextDecoder().decode(must(unpad(body)))
  }

  #keep(endpoint: Endpoint): void {
    this.#endpoints.set(hexOf(endpoint.session.id), endpoint)
  }
}
