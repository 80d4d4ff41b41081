import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomSource } from '../../src/crypto/random.js'
import { encodeCertificate } from '../../src/protocol/identity/certificate.js'
import { issuePrekeys } from '../../src/protocol/prekeys/prekeys.js'
import { hexOf } from '../support/protocol-endpoint.js'
import { PairNode } from '../support/protocol-node.js'
import { bundleOf, createInvite, createPerson, type Person } from '../support/protocol-parties.js'
import { flipped, must, NOW, seeded } from '../support/protocol-values.js'
import { histories, picked, type Model } from './history.js'

type Act = 'send' | 'begin' | 'deliver' | 'garble' | 'restart' | 'lose-state'

interface Sent {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly envelope: Uint8Array
  /** Incarnations of both when it was sent. */
  readonly lives: readonly [from: number, to: number]
}

/** Lives a device may have in one history; more are not generated. */
const LIVES = 3

// Keys are dear; sessions are new in every run. One list per device: what it is in each of its lives.
const people = [1, 2, 3].map((seed) => livesOf(createPerson(seed)))

function livesOf(first: Person): readonly Person[] {
  return Array.from({ length: LIVES }, (_, life) => {
    if (life === 0) return first
    const own = { ...first.own, incarnation: first.random(16) }
    const prekeys = issuePrekeys(undefined, own, NOW + life * 10_000, first.random)
    const certificate = encodeCertificate(own, prekeys.seq)
    return { ...first, own, prekeys, bundle: bundleOf(prekeys), certificate }
  })
}

/** Two or three people, everybody hearing everything, with as many sessions as it takes. */
class PairWorld {
  readonly #count: number
  readonly #lives: number[]
  /** The side of `from` in the pair with `to`. */
  readonly #nodes = new Map<string, PairNode>()
  readonly #sent: Sent[] = []
  readonly #delivered = new Set<string>()
  readonly #random: RandomSource

  constructor(count: number, seed: number) {
    this.#count = count
    this.#lives = Array.from({ length: count }, () => 0)
    this.#random = seeded(seed)
    for (const [one, other] of this.#pairs()) this.#meet(one, other)
  }

  say(from: number, to: number): void {
    const text = `${from} to ${to}: ${this.#sent.length}`
    const envelope = this.#node(from, to).send(text)
    this.#sent.push({ from, to, text, envelope, lives: [this.#life(from), this.#life(to)] })
  }

  begin(from: number, to: number): void {
    const node = this.#node(from, to)
    // A session that is begun says hello at once.
    if (node.sessions.length > 2) return
    node.begin()
    this.say(from, to)
  }

  /** Everybody hears it, and only its recipient takes it. */
  deliver(pick: number): void {
    const sent = picked(this.#sent, pick)
    if (sent !== undefined) this.#arrive(sent)
  }

  garble(pick: number, amount: number): void {
    const sent = picked(this.#sent, pick)
    if (sent === undefined) return
    // Version, lane and expiry are nobody's secret: they are looked at before any key.
    const position = 4 + (amount % (sent.envelope.length - 4))
    const node = this.#node(sent.to, sent.from)
    const before = node.snapshot()
    assert.equal(node.receive(flipped(sent.envelope, position, 1 + (amount % 255))), undefined)
    assert.deepEqual(node.snapshot(), before, 'a changed envelope changes nothing')
  }

  restart(device: number): void {
    for (const other of this.#others(device)) this.#node(device, other).restart()
  }

  /** Another incarnation, with cards exchanged anew; the others learn of it with its card. */
  loseState(device: number): void {
    if (this.#life(device) + 1 >= LIVES) return
    this.#lives[device] = this.#life(device) + 1
    for (const other of this.#others(device)) this.#meet(device, other)
  }

  settle(): void {
    for (let round = 0; round < 2; round += 1) {
      for (const sent of [...this.#sent]) this.#arrive(sent)
      for (const [one, other] of this.#pairs()) {
        this.say(one, other)
        this.say(other, one)
      }
    }
    for (const sent of this.#sent) this.#arrive(sent)
  }

  assertSettled(): void {
    for (const sent of this.#sent)
      if (this.#isCurrent(sent)) assert.ok(this.#delivered.has(sent.text), `${sent.text} never arrived`)
    for (const [one, other] of this.#pairs()) {
      const [mine, theirs] = [this.#node(one, other).chosen, this.#node(other, one).chosen]
      assert.deepEqual(must(mine).id, must(theirs).id)
    }
    const tags = this.#sent.map(({ from, envelope }) => `${from} ${hexOf(envelope.subarray(4, 20))}`)
    assert.equal(new Set(tags).size, tags.length, 'a key was used twice')
  }

  #arrive(sent: Sent): void {
    for (const [one, other] of this.#pairs()) {
      for (const [owner, peer] of [
        [one, other],
        [other, one]
      ] as const) {
        const text = this.#node(owner, peer).receive(sent.envelope)
        if (text === undefined) continue
        assert.ok(owner === sent.to && peer === sent.from, `${sent.text} was taken by ${owner}`)
        assert.equal(text, sent.text)
        assert.ok(!this.#delivered.has(text), `${text} came twice`)
        this.#delivered.add(text)
      }
    }
    if (this.#isCurrent(sent)) assert.ok(this.#delivered.has(sent.text), `${sent.text} was not recognised`)
  }

  /** Sent between the lives that both still lead. */
  #isCurrent({ from, to, lives }: Sent): boolean {
    return lives[0] === this.#life(from) && lives[1] === this.#life(to)
  }

  #meet(one: number, other: number): void {
    const invites = [createInvite(this.#random), createInvite(this.#random)] as const
    const [mine, theirs] = [this.#person(one), this.#person(other)]
    this.#nodes.set(`${one} ${other}`, new PairNode(mine, theirs, invites[0], invites[1], this.#random))
    this.#nodes.set(
      `${other} ${one}`,
      new PairNode(theirs, mine, invites[1], invites[0], this.#random, this.#nodes.get(`${other} ${one}`))
    )
  }

  #person(device: number): Person {
    return must(people[device]?.[this.#life(device)])
  }

  #life(device: number): number {
    return this.#lives[device] ?? 0
  }

  #node(from: number, to: number): PairNode {
    return must(this.#nodes.get(`${from} ${to}`))
  }

  #others(device: number): number[] {
    return Array.from({ length: this.#count }, (_, other) => other).filter((other) => other !== device)
  }

  #pairs(): [number, number][] {
    const devices = Array.from({ length: this.#count }, (_, device) => device)
    return devices.flatMap((one) => devices.slice(one + 1).map((other): [number, number] => [one, other]))
  }
}

/** Handshakes and sessions of two or three people. */
export const pairs: Model = {
  name: 'pairs',
  proves:
    'delivers to its recipient alone and once, and settles each pair on one session, whoever begins at once, restarts or loses its state',
  share: 10,
  usual: 30,
  check(options) {
    const weights = { send: 4, begin: 2, deliver: 6, garble: 1, restart: 1, 'lose-state': 1 }
    const arbitrary = fc.tuple(fc.constantFrom(2, 3), histories<Act>(3, weights, 30))
    const property = fc.property(arbitrary, ([count, { seed, steps }]) => {
      const world = new PairWorld(count, seed)
      for (const { act, device, pick, amount } of steps) {
        const from = device % count
        const to = (from + 1 + (amount % (count - 1))) % count
        if (act === 'send') world.say(from, to)
        else if (act === 'begin') world.begin(from, to)
        else if (act === 'deliver') world.deliver(pick)
        else if (act === 'garble') world.garble(pick, amount)
        else if (act === 'restart') world.restart(from)
        else world.loseState(from)
      }
      world.settle()
      world.assertSettled()
    })
    fc.assert(property, options)
  }
}
