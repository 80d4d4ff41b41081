import { createSeededRandom, type SeededRandom } from '../network/seeded-random.js'
import { DAY_MS } from '../protocol/limits.js'
import {
  checkTakesOnly,
  isBetween,
  isBoolean,
  isCount,
  isNumber,
  PROBABILITY,
  putGiven,
  type Takes
} from '../takes.js'

/** How people move: all in one place, on islands with walkers between them, straight across a town, or along its streets. */
export type Movement = 'together' | 'islands' | 'waypoint' | 'streets'

/** Everything that differs between two runs. Drawn from the seed, each fault present in some runs and absent in others. */
export interface Plan {
  readonly seed: number
  readonly nodes: number
  /** Simulated hours under faults; the healing comes on top. */
  readonly hours: number
  /** Hours after which people put their phones away, everybody at a time of its own, until the faults are over; as many as `hours`: never. */
  readonly waking: number
  readonly movement: Movement
  /** Whether everybody comes together after the faults; otherwise people go on as before, and what is on its way must be carried. */
  readonly gathers: boolean
  /** Whether people have addresses to be dialled at; otherwise they meet only who is near. */
  readonly addressed: boolean
  /** Contacts of each person, in the middle. */
  readonly contacts: number
  readonly messages: number
  /** Probabilities of what befalls what travels. */
  readonly loss: number
  readonly duplication: number
  readonly reordering: number
  readonly corruption: number
  /** ms one way takes at most; at least a tenth of it. */
  readonly delay: number
  /** Bytes per second of a link; 0: unbounded. */
  readonly bandwidth: number
  /** ms by which clocks are wrong at most, either way. */
  readonly clockOffset: number
  /** Parts per million by which they run wrong at most. */
  readonly clockDrift: number
  /** Bytes that everybody keeps for others at most; 0: as many as if nothing is said. Scarce room only where people gather in the end. */
  readonly quota: number
  /** How often, over all people: clocks that jump as far as they may be wrong, */
  readonly clockJumps: number
  /** processes killed, */
  readonly kills: number
  /** devices that lose their power, */
  readonly powerCuts: number
  /** messengers closed in good order, as a phone put away, */
  readonly absences: number
  /** disks that are full for a while, */
  readonly fullDisks: number
  /** and directions in which nothing is heard for a while. */
  readonly deafness: number
}

/** Least and most events of a kind per person and run, where it happens at all. */
const OFTEN = [0.2, 2] as const

/** Half of the runs of so many hours have a night, */
const DAY_HOURS = 12
/** before which people are awake for this share of them. */
const WAKING = [1 / 3, 2 / 3] as const

/** Room for others that is scarce, bytes: for one envelope, or for some dozens. */
const SCARCE = [8_192, 32_768] as const

const MOVEMENTS: readonly unknown[] = ['together', 'islands', 'waypoint', 'streets'] satisfies Movement[]
const COUNT: Takes = [isCount, 'a whole number, 0 or more']
const AMOUNT: Takes = [isBetween(0, Number.MAX_VALUE), 'a number, 0 or more']

const TAKES: Readonly<Record<keyof Plan, Takes>> = {
  seed: [isNumber, 'a number'],
  nodes: [(nodes) => isCount(nodes) && Number(nodes) >= 2, 'a whole number, 2 or more'],
  hours: [(hours) => AMOUNT[0](hours) && hours !== 0, 'a number more than 0'],
  waking: AMOUNT,
  movement: [(movement) => MOVEMENTS.includes(movement), MOVEMENTS.join(', ')],
  gathers: [isBoolean, 'true or false'],
  addressed: [isBoolean, 'true or false'],
  contacts: COUNT,
  messages: COUNT,
  loss: PROBABILITY,
  duplication: PROBABILITY,
  reordering: PROBABILITY,
  corruption: PROBABILITY,
  delay: AMOUNT,
  bandwidth: AMOUNT,
  clockOffset: AMOUNT,
  clockDrift: AMOUNT,
  quota: AMOUNT,
  clockJumps: COUNT,
  kills: COUNT,
  powerCuts: COUNT,
  absences: COUNT,
  fullDisks: COUNT,
  deafness: COUNT
}

/** What may be wanted of a plan; what is left out or `undefined` is drawn. */
export type PlanOptions = { readonly [Name in keyof Omit<Plan, 'seed'>]?: Plan[Name] | undefined }

/** The plan of a seed, with what the caller wants otherwise. Throws `OPTIONS_INVALID`. */
export function planOf(seed: number, wanted: PlanOptions = {}): Plan {
  checkTakesOnly({ ...wanted, seed }, TAKES, '', ['seed'])
  const random = createSeededRandom(seed)
  const nodes = wanted.nodes ?? whole(random, 2, 6)
  const hours = wanted.hours ?? whole(random, 1, 5)
  const drawn = {
    movement: oneOf<Movement>(random, ['together', 'together', 'islands', 'waypoint', 'streets']),
    contacts: whole(random, 1, 3),
    messages: whole(random, 5, 40),
    loss: sometimes(random, () => random.between(0, 0.3)),
    duplication: sometimes(random, () => random.between(0, 0.5)),
    reordering: sometimes(random, () => random.between(0, 0.5)),
    corruption: sometimes(random, () => random.between(0, 0.1)),
    delay: oneOf(random, [5, 100, 1_500]),
    bandwidth: oneOf(random, [0, 0, 100_000, 4_000]),
    clockOffset: sometimes(random, () => random.between(0, DAY_MS)),
    clockDrift: sometimes(random, () => random.between(0, 200)),
    clockJumps: sometimes(random, () => often(random, nodes)),
    kills: sometimes(random, () => often(random, nodes)),
    powerCuts: sometimes(random, () => often(random, nodes)),
    absences: sometimes(random, () => often(random, nodes)),
    fullDisks: sometimes(random, () => often(random, nodes)),
    deafness: sometimes(random, () => often(random, nodes))
  }
  const gathers = wanted.gathers ?? !random.chance(0.15)
  const quota = random.chance(0.25) && gathers ? random.between(...SCARCE) : 0
  // What the only walker gave up for want of room it does not take again.
  const fullDisks = gathers ? drawn.fullDisks : 0
  const addressed = random.chance(0.25)
  const hasNight = random.chance(0.5) && hours >= DAY_HOURS
  const waking = hasNight ? hours * random.between(...WAKING) : hours
  const plan = { seed, ...drawn, fullDisks, quota, addressed, waking, gathers, nodes, hours }
  putGiven(plan, wanted)
  return plan
}

function whole(random: SeededRandom, least: number, most: number): number {
  return least + Math.floor(random.number() * (most - least + 1))
}

function often(random: SeededRandom, nodes: number): number {
  return Math.ceil(random.between(...OFTEN) * nodes)
}

/** In half of the runs. */
function sometimes(random: SeededRandom, draw: () => number): number {
  return random.chance(0.5) ? draw() : 0
}

function oneOf<T>(random: SeededRandom, choices: readonly T[]): T {
  const choice = choices[Math.floor(random.number() * choices.length)]
  if (choice === undefined) throw new RangeError('There is nothing to choose from')
  return choice
}
