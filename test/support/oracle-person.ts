import assert from 'node:assert/strict'
import { parseIdentityId, type IdentityId } from '../../src/index.js'
import type { Network, PeerName } from '../../src/network/network.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { BUNDLE_PROTOCOL } from '../../src/protocol/prekeys/bundle-request.js'
import type { Person } from '../../src/simulator/person.js'
import type { World } from '../../src/simulator/world.js'
import type { Oracle, OracleAnswers, OracleContact, OracleMessage } from './oracle-process.js'
import { hexOf } from './protocol-endpoint.js'
import { must } from './protocol-values.js'
import { hex } from './vectors.js'

/** Sealed and unacknowledged messages the oracle allows itself; the protocol allows 1,000. */
const MAX_UNDER_WAY = 500

interface DirectRequest {
  readonly request: string
  readonly answer: (response: Uint8Array) => void
}

/** The oracle as one person in a world of messengers. It acts in its turns only; between them what comes is kept for it. */
export class OraclePerson {
  readonly name: string
  readonly oracle: Oracle
  readonly #world: World
  readonly #network: Network
  readonly #parcels: Uint8Array[] = []
  readonly #requests: DirectRequest[] = []
  #topic = ''
  #id: IdentityId | undefined
  #contact: IdentityId | undefined
  /** What it received, in the order in which it came. */
  readonly inbox: OracleMessage[] = []
  /** Why it refused envelopes. */
  readonly refused: string[] = []

  constructor(world: World, name: string, oracle: Oracle) {
    this.#world = world
    this.name = name
    this.#network = world.hub.createNetwork(name)
    this.oracle = oracle
  }

  get id(): IdentityId {
    return must(this.#id)
  }

  get now(): number {
    return Math.floor(this.#world.clock.now())
  }

  /** Begin anew, with the post-quantum ratchet or as an implementation that has none. */
  async open(capable = true): Promise<void> {
    const seed = this.#world.seed.toString(16).padStart(8, '0')
    const { id } = await this.oracle.ask('create', { name: this.name, seed, now: this.now, capable })
    this.#id = must(parseIdentityId(id))
    this.#topic = await this.oracle.ask('topic')
    this.#network.join(this.#topic)
    await this.#world.run(
      this.#network.start({
        inspect: () => 'accept',
        onParcel: (_, parcel) => this.#parcels.push(parcel.slice()),
        onPeers: () => undefined,
        onJoin: () => undefined,
        onStream: (_, stream) => stream.abort(),
        // It knows one protocol, as the first implementations did; what else is asked gets no answer.
        onRequest: (protocol, request) =>
          protocol === BUNDLE_PROTOCOL
            ? new Promise((answer) => this.#requests.push({ request: hexOf(request), answer }))
            : Promise.resolve(undefined)
      })
    )
  }

  async close(): Promise<void> {
    await this.#world.run(this.#network.stop())
  }

  async card(kind: { readonly invite?: boolean; readonly bundle?: boolean } = {}): Promise<string> {
    return await this.oracle.ask('card', { now: this.now, ...kind })
  }

  async add(link: string): Promise<void> {
    const { id } = await this.oracle.ask('add', { link, now: this.now })
    this.#contact = must(parseIdentityId(id))
  }

  /** Whom it talks to from now on, after that side has begun. */
  talkTo({ id }: { readonly id: IdentityId }): void {
    this.#contact = id
  }

  /** A request about the one it talks to. */
  async ask<Name extends keyof OracleAnswers>(
    name: Name,
    args: Readonly<Record<string, unknown>> = {}
  ): Promise<OracleAnswers[Name]> {
    return await this.oracle.ask(name, { contact: must(this.#contact), ...args })
  }

  async known(): Promise<OracleContact> {
    return await this.ask('contact')
  }

  async say(text: string): Promise<string> {
    const { envelope } = await this.ask('send', { text, now: this.now })
    this.publish(envelope)
    return envelope
  }

  /** Send an envelope with everything in it forged but what must be refused. */
  async forge(what: string): Promise<void> {
    this.publish(await this.ask('forge', { what, now: this.now }))
  }

  publish(envelope: string): void {
    const bytes = hex(envelope)
    this.#world.published.push({ by: this.name, at: this.now, envelope: bytes })
    this.inject(bytes)
  }

  /** Send bytes that are not its own work. */
  inject(envelope: Uint8Array): void {
    void this.#network.publish(this.#topic, envelope)
  }

  /** Ask a peer for the bundle of the one it talks to. */
  async learnBundle(from: PeerName): Promise<void> {
    const request = hex(await this.ask('ask', { now: this.now }))
    const response = await this.#world.run(this.#network.request(from, BUNDLE_PROTOCOL, request))
    const learned = await this.oracle.ask('learn', { response: hexOf(response), now: this.now })
    assert.ok(learned.includes(must(this.#contact)), 'the bundle is there')
  }

  /** Let time pass; then take in what came, without a word. */
  async listen(ms: number): Promise<void> {
    await this.#world.pass(ms)
    for (const { request, answer } of this.#requests.splice(0)) {
      answer(hex((await this.oracle.ask('answer', { request, now: this.now })).response))
    }
    for (const parcel of this.#parcels.splice(0)) await this.#take(hexOf(parcel))
  }

  /** Let time pass; then take in what came, acknowledge it, and send again what was not acknowledged for long. */
  async turn(ms: number): Promise<void> {
    await this.listen(ms)
    if (this.#contact === undefined) return
    if ((await this.known()).owes) this.publish(await this.ask('receipt', { now: this.now }))
    for (const envelope of await this.ask('due', { now: this.now })) this.publish(envelope)
  }

  /** Turns until `predicate` holds. */
  async until(predicate: () => boolean | Promise<boolean>, limit = 200): Promise<void> {
    for (let turn = 0; !(await predicate()); turn += 1) {
      assert.ok(turn < limit, `not so after ${String(limit)} turns: ${predicate.toString()}`)
      await this.turn(500)
    }
  }

  async #take(parcel: string): Promise<void> {
    assert.equal(await this.oracle.ask('verdict', { parcel, now: this.now }), 'accept')
    const envelopes = await this.oracle.ask('unpack', { parcel })
    for (const reply of await this.oracle.ask('receive-all', { envelopes, now: this.now })) {
      if ('refused' in reply) this.refused.push(reply.refused)
      else this.inbox.push(...(reply.ok.messages ?? []))
    }
  }
}

/**
 * Both speak by turns of random length, with random pauses, until `count` messages were sent; then until all arrived. Before a pause the
 * messenger is closed and opened again with probability `restart`.
 */
export async function converseAtRandom(
  world: World,
  person: Person,
  oracle: OraclePerson,
  count: number,
  { restart = 0 }: { readonly restart?: number } = {}
): Promise<void> {
  const random = createSeededRandom(world.seed + 2)
  const before = [person.inbox.length, oracle.inbox.length] as const
  const said: [number, number] = [0, 0]
  while (said[0] + said[1] < count) {
    const left = count - said[0] - said[1]
    const texts = Array.from(
      { length: Math.min(left, 1 + Math.floor(random.between(0, 24))) },
      (_, at) => `${String(said[0] + said[1] + at)}${'!'.repeat(Math.floor(random.between(0, 300)))}`
    )
    if (random.chance(0.5)) {
      // Messages that travel together, or each in an envelope of its own.
      if (random.chance(0.5)) await person.sayAll(oracle, texts)
      else await person.sayApart(oracle, texts)
      said[0] += texts.length
    } else {
      while ((await oracle.known()).outbox > MAX_UNDER_WAY) await oracle.turn(1_000)
      for (const text of texts) await oracle.say(text)
      said[1] += texts.length
    }
    if (random.chance(restart)) await person.restart()
    if (random.chance(0.7)) await oracle.turn(random.between(0, 1_500))
  }
  await oracle.until(async () => {
    const { outbox } = await oracle.known()
    return (
      outbox === 0 &&
      oracle.inbox.length === before[1] + said[0] &&
      person.inbox.length === before[0] + said[1]
    )
  })
  await oracle.until(() => allDelivered(person, oracle))
}

async function allDelivered(person: Person, oracle: OraclePerson): Promise<boolean> {
  const own = (await person.history(oracle)).filter((message) => message.own)
  return own.every(({ status }) => status === 'delivered' || status === 'read')
}

/** Both hold the same messages in the same order, each once. */
export async function assertSameHistoryAsOracle(person: Person, oracle: OraclePerson): Promise<void> {
  const ids = (await person.history(oracle)).map(({ id }) => String(id))
  assert.deepEqual(await oracle.ask('history'), ids)
  assert.equal(new Set(ids).size, ids.length)
}
