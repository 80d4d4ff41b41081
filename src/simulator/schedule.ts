import type { SeededRandom } from '../network/seeded-random.js'
import type { Encounter } from './contact-trace.js'
import type { Death } from './life.js'
import { islands, randomWaypoint, streetGrid } from './mobility.js'
import type { Plan } from './plan.js'

/** Something that happens `at` ms after the beginning. People are named by their index. */
export type Step = { readonly at: number } & (
  | { readonly kind: 'meet' | 'part'; readonly one: number; readonly other: number }
  | { readonly kind: 'say'; readonly from: number; readonly to: number; readonly text: string }
  /** At once, or just before or after the `commits`th commit from then on; it comes back `down` ms after its death. */
  | {
      readonly kind: 'die'
      readonly who: number
      readonly death: Death
      readonly moment: 'now' | 'before' | 'after'
      readonly commits: number
      readonly down: number
    }
  | { readonly kind: 'leave' | 'return' | 'sleep' | 'fill' | 'free'; readonly who: number }
  | { readonly kind: 'deafen' | 'hear'; readonly from: number; readonly to: number }
  | { readonly kind: 'jump'; readonly who: number; readonly offset: number }
)

type Letter = Extract<Step, { kind: 'say' }>

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** How long a process or a device is away after it died, ms. */
const DOWN = [1_000, 30 * MINUTE] as const
/** How long a phone is put away, ms. */
const AWAY = [MINUTE, 4 * HOUR] as const
/** How long a disk stays full, ms. */
const FULL = [1_000, 20 * MINUTE] as const
/** How long a direction stays deaf, ms: from too short to be noticed to an afternoon. */
const DEAF = [1_000, 2 * HOUR] as const
/** When somebody puts the phone away for the night, as a share of the waking hours. */
const MAX_BEDTIME = 1.1
const MIN_BEDTIME = 0.7
/** Commits after which somebody dies, at most: so many does a message take at both ends together. */
const MAX_COMMITS = 8
/** Longest filler of a text, characters; most texts are short. */
const LONG_TEXT = 3_000

/** Who knows whom: a ring, so that nobody is alone, and chords. The first of a pair adds the card of the second. */
export function acquaintances(
  { nodes, contacts }: Plan,
  random: SeededRandom
): (readonly [number, number])[] {
  const known = new Map<string, readonly [number, number]>()
  for (let one = 0; one < nodes; one += 1) {
    for (let n = 0; n < Math.ceil(contacts / 2); n += 1) {
      const other = n === 0 ? (one + 1) % nodes : Math.floor(random.number() * nodes)
      const key = [one, other].toSorted((a, b) => a - b).join(' ')
      if (one !== other && !known.has(key)) known.set(key, random.chance(0.5) ? [one, other] : [other, one])
    }
  }
  return [...known.values()]
}

/**
 * Everything that is to happen in a run, in order; at one instant in the order made. People go on meeting for `aftermath` ms after
 * the hours of the plan.
 */
export function scheduleOf(
  plan: Plan,
  pairs: readonly (readonly [number, number])[],
  encounters: readonly Encounter[] | undefined,
  aftermath: number,
  random: SeededRandom
): Step[] {
  const duration = plan.hours * HOUR
  const waking = Math.min(plan.waking, plan.hours) * HOUR
  // Who sleeps at home meets nobody; where people gather in the end, that is all there is of a night.
  const walking = aftermath === 0 ? Math.min(duration, waking * MAX_BEDTIME) : duration + aftermath
  const met = encounters ?? encountersOf(plan, walking, random)
  const said = letters(plan, pairs, waking < duration ? waking * MIN_BEDTIME : duration, random)
  const steps: Step[] = [
    ...met.flatMap(({ one, other, start, end }): Step[] => [
      { at: start, kind: 'meet', one, other },
      { at: end, kind: 'part', one, other }
    ]),
    ...said,
    ...deaths(plan, said, random),
    ...faults(plan, waking, random),
    ...nightfall(plan, waking, random)
  ]
  return steps
    .filter(
      ({ at, kind }) => at <= duration || (at <= duration + aftermath && (kind === 'meet' || kind === 'part'))
    )
    .toSorted((one, other) => one.at - other.at)
}

/** Everybody puts its phone away for the night, within the last third of the waking hours or a little later. */
function nightfall({ nodes, hours }: Plan, waking: number, random: SeededRandom): Step[] {
  if (waking >= hours * HOUR) return []
  return Array.from({ length: nodes }, (_, who) => ({
    at: waking * random.between(MIN_BEDTIME, MAX_BEDTIME),
    kind: 'sleep',
    who
  }))
}

function encountersOf({ nodes, movement }: Plan, duration: number, random: SeededRandom): Encounter[] {
  switch (movement) {
    case 'together':
      return Array.from({ length: nodes }, (_, one) =>
        Array.from({ length: nodes - one - 1 }, (__, n) => ({
          one,
          other: one + n + 1,
          start: 0,
          end: Infinity
        }))
      ).flat()
    case 'islands':
      return islands({ nodes, duration, random })
    case 'waypoint':
      return randomWaypoint({ nodes, duration, random })
    case 'streets':
      return streetGrid({ nodes, duration, random })
  }
}

function letters(
  { messages }: Plan,
  pairs: readonly (readonly [number, number])[],
  duration: number,
  random: SeededRandom
): Letter[] {
  return Array.from({ length: messages }, (_, n): Letter => {
    const pair = pairs[Math.floor(random.number() * pairs.length)] ?? [0, 1]
    const [from, to] = random.chance(0.5) ? pair : ([pair[1], pair[0]] as const)
    const filler = random.chance(0.1) ? '.'.repeat(Math.floor(random.between(1, LONG_TEXT))) : ''
    return { at: random.between(0, duration), kind: 'say', from, to, text: `letter ${String(n)}${filler}` }
  })
}

/** Most processes die while they have something to do. */
function deaths({ kills, powerCuts }: Plan, said: readonly Letter[], random: SeededRandom): Step[] {
  return Array.from({ length: kills + powerCuts }, (_, n): Step[] => {
    const letter = said[Math.floor(random.number() * said.length)]
    if (letter === undefined) return []
    return [
      {
        at: letter.at + (random.chance(0.5) ? 0 : random.between(-1, 1)),
        kind: 'die',
        who: random.chance(0.5) ? letter.from : letter.to,
        death: n < kills ? 'kill' : 'power-cut',
        moment: random.chance(0.2) ? 'now' : random.chance(0.5) ? 'before' : 'after',
        commits: 1 + Math.floor(random.number() * MAX_COMMITS),
        down: between(DOWN, random)
      }
    ]
  })
    .flat()
    .filter(({ at }) => at >= 0)
}

/** Most outages are short, some are long. */
function between([least, most]: readonly [number, number], random: SeededRandom): number {
  return least * (most / least) ** random.number()
}

function faults(plan: Plan, duration: number, random: SeededRandom): Step[] {
  const steps: Step[] = []
  const someone = (): number => Math.floor(random.number() * plan.nodes)
  /** `count` times, at any moment: an event, and its end some time later. */
  const repeat = (
    count: number,
    length: readonly [number, number],
    add: (at: number, end: number) => void
  ): void => {
    for (let n = 0; n < count; n += 1) {
      const at = random.between(0, duration)
      add(at, at + between(length, random))
    }
  }
  repeat(plan.absences, AWAY, (at, end) => {
    const who = someone()
    steps.push({ at, kind: 'leave', who }, { at: end, kind: 'return', who })
  })
  repeat(plan.fullDisks, FULL, (at, end) => {
    const who = someone()
    steps.push({ at, kind: 'fill', who }, { at: end, kind: 'free', who })
  })
  repeat(plan.deafness, DEAF, (at, end) => {
    const from = someone()
    const to = (from + 1 + Math.floor(random.number() * (plan.nodes - 1))) % plan.nodes
    steps.push({ at, kind: 'deafen', from, to }, { at: end, kind: 'hear', from, to })
  })
  repeat(plan.clockJumps, DOWN, (at) => {
    steps.push({
      at,
      kind: 'jump',
      who: someone(),
      offset: random.between(-plan.clockOffset, plan.clockOffset)
    })
  })
  return steps
}
