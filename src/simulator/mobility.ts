import type { SeededRandom } from '../network/seeded-random.js'
import { byStart, type Encounter } from './contact-trace.js'

export interface MobilityOptions {
  readonly nodes: number
  /** ms. */
  readonly duration: number
  readonly random: SeededRandom
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
/** ms between two looks at who is near whom: shorter than a walker takes through a radio's reach. */
const STEP = 30 * SECOND
/** Metres at which two radios hear each other: Wi-Fi between phones, outdoors. */
const REACH = 60

interface Point {
  readonly x: number
  readonly y: number
}

/** Where somebody is at a moment of time; asked for times that only grow. */
type Walk = (at: number) => Point

/** A part of a town, metres. */
const AREA = { x: 1_200, y: 900 }
/** Metres between two streets. */
const BLOCK = 150
/** Metres per second of somebody on foot, at least and at most. */
const PACE = [0.6, 1.8] as const
/** ms somebody stays at a place reached, at most. */
const MAX_PAUSE = 30 * MINUTE

/** People who walk straight to a place they choose, stay a while, and choose another (random waypoint). */
export function randomWaypoint(options: MobilityOptions): Encounter[] {
  const { random } = options
  return encounters(options, () =>
    walk(random, () => ({ x: random.between(0, AREA.x), y: random.between(0, AREA.y) }), straight)
  )
}

/** The same along the streets of a town of square blocks: first one way, then across. */
export function streetGrid(options: MobilityOptions): Encounter[] {
  const { random } = options
  const crossing = (length: number): number => BLOCK * Math.floor(random.between(0, length / BLOCK + 1))
  return encounters(options, () =>
    walk(random, () => ({ x: crossing(AREA.x), y: crossing(AREA.y) }), aroundCorner)
  )
}

/** Least and longest stay of a carrier on one island, ms. */
const STAY = [10 * MINUTE, 90 * MINUTE] as const
/** ms a carrier is on the way, alone. */
const CROSSING = 10 * MINUTE

/**
 * Two to four places out of each other's reach, whose people stay together, and one in five who walks between them as the only
 * link there is.
 */
export function islands({ nodes, duration, random }: MobilityOptions): Encounter[] {
  const count = 2 + Math.floor(random.between(0, 2.999))
  const stays = Array.from({ length: nodes }, (_, node) => staysOf(node, nodes, count, duration, random))
  return pairsOf(nodes)
    .flatMap(([one, other]) => meetings(one, other, stays[one] ?? [], stays[other] ?? []))
    .toSorted(byStart)
}

interface Stay {
  readonly place: number
  readonly start: number
  readonly end: number
}

function staysOf(
  node: number,
  nodes: number,
  places: number,
  duration: number,
  random: SeededRandom
): Stay[] {
  const home = node % places
  // The first few live one on each island; of the others the last fifth walks.
  if (node < nodes - Math.max(1, Math.floor(nodes / 5))) return [{ place: home, start: 0, end: duration }]
  const stays: Stay[] = []
  for (let start = 0, place = home; start < duration; place = (place + 1) % places) {
    const end = Math.min(duration, start + random.between(...STAY))
    stays.push({ place, start, end })
    start = end + CROSSING
  }
  return stays
}

function meetings(one: number, other: number, mine: readonly Stay[], theirs: readonly Stay[]): Encounter[] {
  return mine.flatMap((stay) =>
    theirs
      .map(({ place, start, end }) => ({
        place,
        start: Math.max(start, stay.start),
        end: Math.min(end, stay.end)
      }))
      .filter(({ place, start, end }) => place === stay.place && start < end)
      .map(({ start, end }) => ({ one, other, start, end }))
  )
}

function walk(
  random: SeededRandom,
  choose: () => Point,
  route: (from: Point, to: Point, metres: number) => Point
): Walk {
  let [from, to] = [choose(), choose()]
  let leftAt = 0
  let pace = random.between(...PACE)
  let pause = random.between(0, MAX_PAUSE)
  return (at) => {
    for (;;) {
      const metres = ((at - leftAt) / SECOND) * pace
      const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y)
      if (metres < length) return route(from, to, metres)
      const arrivedAt = leftAt + (length / pace) * SECOND
      if (at < arrivedAt + pause) return to
      ;[from, to] = [to, choose()]
      leftAt = arrivedAt + pause
      pace = random.between(...PACE)
      pause = random.between(0, MAX_PAUSE)
    }
  }
}

/** Both ways take as long as around the corner: somebody who walks straight is slower by so much. */
function straight(from: Point, to: Point, metres: number): Point {
  const share = metres / (Math.abs(to.x - from.x) + Math.abs(to.y - from.y))
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }
}

function aroundCorner(from: Point, to: Point, metres: number): Point {
  const along = Math.abs(to.x - from.x)
  if (metres < along) return { x: from.x + Math.sign(to.x - from.x) * metres, y: from.y }
  return { x: to.x, y: from.y + Math.sign(to.y - from.y) * (metres - along) }
}

function encounters({ nodes, duration }: MobilityOptions, createWalk: () => Walk): Encounter[] {
  const walks = Array.from({ length: nodes }, createWalk)
  const near = new Map<string, number>()
  const found: Encounter[] = []
  const pairs = pairsOf(nodes)
  for (let at = 0; at <= duration; at += STEP) {
    const places = walks.map((where) => where(at))
    for (const [one, other] of pairs) {
      const key = `${String(one)} ${String(other)}`
      const since = near.get(key)
      const isNear = at < duration && isWithinReach(places[one], places[other])
      if (isNear && since === undefined) near.set(key, at)
      if (isNear || since === undefined) continue
      near.delete(key)
      found.push({ one, other, start: since, end: at })
    }
  }
  return found.toSorted(byStart)
}

function isWithinReach(one: Point | undefined, other: Point | undefined): boolean {
  return one !== undefined && other !== undefined && Math.hypot(one.x - other.x, one.y - other.y) <= REACH
}

function pairsOf(nodes: number): (readonly [number, number])[] {
  return Array.from({ length: nodes }, (_, one) =>
    Array.from({ length: nodes - one - 1 }, (__, step) => [one, one + step + 1] as const)
  ).flat()
}
