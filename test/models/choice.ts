import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { chooseSession, nextGeneration } from '../../src/protocol/sessions/choose.js'
import { hexOf } from '../support/protocol-endpoint.js'
import { establish } from '../support/protocol-parties.js'
import { seeded } from '../support/protocol-values.js'
import { histories, picked, type Model } from './history.js'

interface Device {
  incarnation: Uint8Array
  /** Counts its incarnations, as the sequence number of a certificate does. */
  life: number
  sessions: Session[]
  /** What it knows of the others, by device. */
  readonly theirs: Map<number, { incarnation: Uint8Array; life: number }>
}

interface Hello {
  readonly from: number
  readonly to: number
  readonly life: number
  readonly session: Session
}

type Act = 'begin' | 'deliver' | 'duplicate' | 'drop' | 'lose-state' | 'learn'

const template = establish(1).alice

/** Devices that begin sessions with each other at any time, and lose their state. Sessions are of one pair each. */
class ChoiceWorld {
  readonly devices: Device[]
  readonly #pairs = new Map<Session, string>()
  readonly #hellos: Hello[] = []
  readonly #random

  constructor(count: number, seed: number) {
    this.#random = seeded(seed)
    this.devices = Array.from({ length: count }, () => this.#born(0))
    for (const [device, own] of this.devices.entries())
      for (const [other, { incarnation, life }] of this.devices.entries())
        if (other !== device) own.theirs.set(other, { incarnation, life })
  }

  begin(from: number, to: number): void {
    const device = this.devices[from]
    const theirs = device?.theirs.get(to)
    if (device === undefined || theirs === undefined) return
    const session: Session = {
      ...template,
      id: this.#random(32),
      generation: nextGeneration(this.#between(from, to)),
      ownIncarnation: device.incarnation,
      theirIncarnation: theirs.incarnation
    }
    this.#keep(device, session, from, to)
    this.#hellos.push({ from, to, life: device.life, session })
  }

  deliver(pick: number, stays: boolean): void {
    const hello = picked(this.#hellos, pick)
    if (hello === undefined) return
    if (!stays) this.#hellos.splice(this.#hellos.indexOf(hello), 1)
    this.#receive(hello)
  }

  drop(pick: number): void {
    const hello = picked(this.#hellos, pick)
    // Lost once: its sender repeats it until the end of the history.
    if (hello !== undefined) this.#hellos.push(...this.#hellos.splice(this.#hellos.indexOf(hello), 1))
  }

  loseState(index: number): void {
    const old = this.devices[index]
    if (old === undefined) return
    const device = this.#born(old.life + 1)
    for (const [other, known] of old.theirs) device.theirs.set(other, known)
    this.devices[index] = device
    // It greets everybody it knows; until then nobody can know.
    for (const other of device.theirs.keys()) this.begin(index, other)
  }

  /** Get to know the newest incarnation of another from its bundle. */
  learn(device: number, other: number): void {
    const newest = this.devices[other]
    if (newest === undefined) return
    this.devices[device]?.theirs.set(other, { incarnation: newest.incarnation, life: newest.life })
  }

  /** Everything arrives, bundles too; whoever has no session with another begins one, both at once if need be. */
  settle(): void {
    this.#receiveAll()
    for (const [one, other] of this.#pairsOfDevices()) this.learn(one, other)
    for (const [one, other] of this.#pairsOfDevices())
      if (this.chosen(one, other) === undefined) this.begin(one, other)
    this.#receiveAll()
  }

  assertAgreed(): void {
    for (const [one, other] of this.#pairsOfDevices()) {
      const chosen = this.chosen(one, other)
      assert.notEqual(chosen, undefined)
      assert.equal(chosen, this.chosen(other, one), `${one} and ${other} send on different sessions`)
    }
  }

  #pairsOfDevices(): [number, number][] {
    return [...this.devices.keys()].flatMap((one) =>
      [...this.devices.keys()].filter((other) => other !== one).map((other): [number, number] => [one, other])
    )
  }

  #receiveAll(): void {
    for (const hello of this.#hellos) this.#receive(hello)
  }

  chosen(device: number, other: number): string | undefined {
    const own = this.devices[device]
    const theirs = own?.theirs.get(other)
    if (own === undefined || theirs === undefined) return undefined
    const chosen = chooseSession(this.#between(device, other), own.incarnation, theirs.incarnation)
    return chosen && hexOf(chosen.id)
  }

  #receive({ from, to, life, session }: Hello): void {
    const device = this.devices[to]
    // Whoever lost its state has not the keys for it.
    if (device === undefined || hexOf(session.theirIncarnation) !== hexOf(device.incarnation)) return
    const known = device.theirs.get(from)
    if (known === undefined || life > known.life)
      device.theirs.set(from, { incarnation: session.ownIncarnation, life })
    if (this.#between(to, from).some(({ id }) => hexOf(id) === hexOf(session.id))) return
    const mirrored = {
      ...session,
      ownIncarnation: session.theirIncarnation,
      theirIncarnation: session.ownIncarnation
    }
    // Any order in the list, as of a store.
    this.#keep(device, mirrored, from, to)
    if ((this.#random(1)[0] ?? 0) < 128) device.sessions.reverse()
  }

  #keep(device: Device, session: Session, from: number, to: number): void {
    this.#pairs.set(session, pairOf(from, to))
    device.sessions.push(session)
  }

  #between(one: number, other: number): Session[] {
    return (this.devices[one]?.sessions ?? []).filter(
      (session) => this.#pairs.get(session) === pairOf(one, other)
    )
  }

  #born(life: number): Device {
    return { incarnation: this.#random(16), life, sessions: [], theirs: new Map() }
  }
}

function pairOf(one: number, other: number): string {
  return [one, other].toSorted().join()
}

/** Which session to send on, with two or three devices. */
export const choice: Model = {
  name: 'choice',
  proves:
    'Invariant 12: chooses one session at both ends once each saw the hellos of the other, in any order, after any loss of state',
  share: 448,
  usual: 1500,
  check(options) {
    const arbitrary = fc.tuple(
      fc.constantFrom(2, 3),
      histories<Act>(3, { begin: 4, deliver: 6, duplicate: 1, drop: 1, 'lose-state': 1, learn: 1 }, 40)
    )
    const property = fc.property(arbitrary, ([devices, { seed, steps }]) => {
      const world = new ChoiceWorld(devices, seed)
      for (const { act, device, pick } of steps) {
        const from = device % devices
        const to = (from + 1 + (pick % (devices - 1))) % devices
        if (act === 'begin') world.begin(from, to)
        else if (act === 'learn') world.learn(from, to)
        else if (act === 'lose-state') world.loseState(from)
        else if (act === 'drop') world.drop(pick)
        else world.deliver(pick, act === 'duplicate')
      }
      world.settle()
      world.assertAgreed()
    })
    fc.assert(property, options)
  }
}
