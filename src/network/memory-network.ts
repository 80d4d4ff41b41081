import { MessengerError } from '../errors.js'
import { checkTakesOnly, isBetween, isBoolean, isNumber, isText, putGiven, type Takes } from '../takes.js'
import { Directions } from './directions.js'
import { createTransmit, DISTURBANCES_TAKE, MEDIUM_TAKES } from './memory-medium.js'
import type { Disturbances, MediumOptions } from './memory-medium.js'
import { MemoryNode } from './memory-node.js'
import type { MemoryMedium } from './memory-node.js'
import type { Network, PeerName } from './network.js'
import { createSeededRandom } from './seeded-random.js'

export interface MemoryHubOptions extends MediumOptions {
  /** The same seed and the same calls give the same run. */
  readonly seed: number
  /** Milliseconds until both ends notice that a link is cut, 15,000 if not given (measured of libp2p: 12 to 15 s). */
  readonly detectAfter?: number | undefined
  /** Whether nodes find each other by themselves, as on a LAN; true if not given. Otherwise they link by `dial` and `keep`. */
  readonly discovery?: boolean | undefined
}

/** The medium that memory networks share, and the hand that breaks it. All its time passes on the given clock. */
export interface MemoryHub {
  /** A node's network. Its peer name is `name`, its address `/memory/<name>`; the name must be new to the hub. */
  createNetwork(name: PeerName): Network
  /** Cut every link between nodes of different groups, silently: both ends notice after `detectAfter`. */
  partition(groups: readonly (readonly PeerName[])[]): void
  /** Cut one direction: nothing of `from` reaches `to` any more. */
  cut(from: PeerName, to: PeerName): void
  /** Undo every `partition` and `cut`, or one direction. */
  heal(from?: PeerName, to?: PeerName): void
  /** From now on these disturbances befall what travels, and the others as before. */
  disturb(changes: Disturbances): void
}

const TAKES: Readonly<Record<keyof MemoryHubOptions, Takes>> = {
  ...MEDIUM_TAKES,
  seed: [isNumber, 'a number'],
  detectAfter: [isBetween(0, Infinity), 'a number of milliseconds'],
  discovery: [isBoolean, 'true or false']
}

function checkGroups(groups: unknown): void {
  const isGroup = (group: unknown): boolean => Array.isArray(group) && group.every(isText)
  if (!Array.isArray(groups) || !groups.every(isGroup))
    throw new MessengerError(
      'OPTIONS_INVALID',
      "Groups are lists of names, such as [['alice'], ['bob', 'carol']]"
    )
}

function checkName(name: unknown): void {
  if (!isText(name) || name === '')
    throw new MessengerError('OPTIONS_INVALID', 'A node of a hub is named by a text that is not empty')
}

/** Throws `OPTIONS_INVALID`, as its methods do. */
export function createMemoryHub(options: MemoryHubOptions): MemoryHub {
  checkTakesOnly(options, TAKES, 'A hub needs an object, { clock, seed }', ['clock', 'seed'])
  const { clock, detectAfter = 15_000, discovery = true } = options
  const conditions = { ...options }
  const random = createSeededRandom(options.seed)
  const nodes = new Map<PeerName, MemoryNode>()
  /** Each cut is something of its own, so that one is told from another of the same direction. */
  const cuts = new Directions<object>()
  const isCut = (from: PeerName, to: PeerName): boolean => cuts.get(from, to) !== undefined
  const runs = (name: PeerName): boolean => nodes.get(name)?.running === true

  function latency(): number {
    const [low, high] = conditions.delay ?? [1, 5]
    return random.between(low, high)
  }

  /** Two nodes that can hear each other find each other within a few beacons' delay. */
  function meet(name: PeerName, other: PeerName): void {
    clock.schedule(latency() * 2, () => void nodes.get(name)?.connect(other))
  }

  function discover(name: PeerName): void {
    if (!discovery) return
    for (const other of nodes.keys()) if (other !== name) meet(name, other)
  }

  const medium: MemoryMedium = {
    clock,
    random,
    transmit: createTransmit(conditions, random, isCut),
    node: (name) => nodes.get(name),
    reachable: (one, other) => runs(one) && runs(other) && !isCut(one, other) && !isCut(other, one),
    latency,
    leaving(parcel) {
      if (!random.chance(conditions.corruption ?? 0)) return parcel
      const copy = parcel.slice()
      const at = Math.floor(random.number() * copy.length)
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random.number() * 8))
      return copy
    },
    started: discover
  }

  function cut(from: PeerName, to: PeerName): void {
    if (isCut(from, to)) return
    const severed = {}
    cuts.set(from, to, severed)
    clock.schedule(detectAfter, () => {
      // Healed meanwhile, or healed and cut anew: then nobody has waited long enough.
      if (cuts.get(from, to) === severed) nodes.get(from)?.unlink(to)
    })
  }

  return {
    createNetwork(name) {
      checkName(name)
      if (nodes.has(name))
        throw new MessengerError(
          'OPTIONS_INVALID',
          `The hub has a node called ${name}; give each another name`
        )
      const node = new MemoryNode(name, medium)
      nodes.set(name, node)
      return node
    },
    partition(groups) {
      checkGroups(groups)
      for (const group of groups) {
        for (const other of groups) {
          if (other !== group) for (const from of group) for (const to of other) cut(from, to)
        }
      }
    },
    cut(from, to) {
      for (const name of [from, to]) checkName(name)
      cut(from, to)
    },
    heal(from, to) {
      for (const name of [from, to]) if (name !== undefined) checkName(name)
      if (from !== undefined && to !== undefined) {
        if (!cuts.delete(from, to)) return
        if (discovery && !isCut(to, from)) meet(from, to)
        nodes.get(from)?.retry(to)
        nodes.get(to)?.retry(from)
        return
      }
      for (const [one, other] of cuts.keys()) {
        if ((from ?? one) === one && (to ?? other) === other) cuts.delete(one, other)
      }
      for (const [name, node] of nodes) {
        if (!node.running) continue
        discover(name)
        node.retry()
      }
    },
    disturb(changes) {
      checkTakesOnly(changes, DISTURBANCES_TAKE, 'Disturbances are an object, such as { loss: 0.2 }')
      putGiven(conditions, changes)
    }
  }
}
