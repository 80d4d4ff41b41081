import { member } from '../codec/member.js'
import { MessengerError } from '../errors.js'
import { createSeededRandom } from '../network/seeded-random.js'
import { MAILBOX_QUOTA, MAX_RELEASE_WAIT, SYNC_OTHERS } from '../protocol/limits.js'
import { checkTakes, isCount, isFunction, isNumber, type Takes } from '../takes.js'
import { Audit } from './audit.js'
import { Checker, type Letter, type Violation } from './checker.js'
import type { Encounter } from './contact-trace.js'
import { EventLog } from './event-log.js'
import { textOf, type Person, type PersonOptions } from './person.js'
import { planOf, type Plan, type PlanOptions } from './plan.js'
import { Run } from './run.js'
import { acquaintances, scheduleOf } from './schedule.js'
import type { WorldEvent } from './surroundings.js'
import { World, type Observer } from './world.js'

/** ms after the end of all faults within which everything must have arrived where everybody is together. */
const HEALING = 1_800_000
/** The same where people go on moving: every walker has been everywhere several times. */
const CARRYING = 24 * 3_600_000
/** ms between two looks whether it has. */
const LOOK = 5_000
/** Looks after which histories are read: a death may have swallowed the event of what was stored. */
const LOOKS_PER_READING = 12
/** ms between two looks at what mailboxes keep. */
const INSPECTION = 3_600_000
/** Rounds of reconciliation with others after which mailboxes agree: each asks three others a round. */
const AGREEMENT_ROUNDS = 6
/** ms of an idle look, and the most times a person's timers may wake it in that. */
const IDLE = 600_000
const MAX_IDLE_WAKES = IDLE / 5_000

export interface SimulationOptions extends PlanOptions {
  readonly seed: number
  /**
   * Who meets whom, instead of what the plan's movement makes; people are counted from 0, up to `nodes`. In the end all come together unless
   * `gathers: false`: then who meets whom for a day after the faults has to be said as well.
   */
  readonly encounters?: readonly Encounter[] | undefined
  /** What a person, `n0`, `n1` and so on, is given beside what the plan says: to break a guard and see that it is missed. */
  readonly person?: ((name: string) => PersonOptions) | undefined
  /** Told of everything that happens to anybody, for rules of your own. */
  readonly observe?: Observer | undefined
  /** Told of every line of the event log. */
  readonly onLine?: ((line: string) => void) | undefined
}

const TAKES: Readonly<Record<string, Takes>> = {
  encounters: [Array.isArray, 'a list of encounters, such as parseTrace() makes'],
  person: [isFunction, 'a function that has the options of a person'],
  observe: [isFunction, 'a function'],
  onLine: [isFunction, 'a function']
}

/** What became of a run. */
export interface SimulationReport {
  readonly plan: Plan
  /** Empty if everything held that must hold. */
  readonly violations: readonly Violation[]
  /** SHA-256 over everything that happened, hexadecimal: the same options give the same hash. */
  readonly hash: string
  /** Timers that ran. */
  readonly events: number
  /** Simulated ms, the healing included. */
  readonly duration: number
  /** Messages whose `send` resolved. */
  readonly messages: number
  /** Messages received: more than those, where a sender died before its `send` had resolved. */
  readonly delivered: number
  readonly deaths: number
  /** ms from the end of the faults until everything was delivered and receipted. */
  readonly healing: number
}

/**
 * Run whole messengers through the faults of one seed, then let everything heal, and check that nothing happened that must not and that
 * everything arrived that must. Rejects with `OPTIONS_INVALID`.
 *
 * @example
 * const { violations } = await simulate({ seed: 7, nodes: 5, hours: 2 })
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  checkTakes(options, TAKES, 'A simulation needs an object, { seed }')
  const { seed, encounters, person = () => ({}), observe, onLine, ...wanted } = options
  const plan = planOf(
    seed,
    encounters === undefined ? wanted : { ...wanted, gathers: wanted.gathers ?? true }
  )
  for (const encounter of encounters ?? []) checkEncounter(encounter, plan)
  const log = new EventLog()
  const world = createWorld(plan, (line) => {
    log.add(line)
    onLine?.(line)
  })
  const checker = new Checker(() => world.clock.now())
  world.observe(checker.observe)
  if (observe !== undefined) world.observe(observe)
  const audit = new Audit(world.people, checker)
  world.observe(audit.observe)
  const random = createSeededRandom(seed ^ 0x5eed)
  const pairs = acquaintances(plan, random)
  const run = await Run.populate(world, checker, plan, pairs, person, random)
  const inspect = (): void => {
    audit.checkLimits(() => plan.quota || MAILBOX_QUOTA)
    world.clock.schedule(INSPECTION, inspect)
  }
  inspect()
  const began = world.clock.now()
  const end = began + plan.hours * 3_600_000
  const patience = plan.gathers ? HEALING : CARRYING
  const steps = scheduleOf(plan, pairs, encounters, plan.gathers ? 0 : CARRYING, random)
  for (const step of steps) {
    const at = began + step.at
    if (at > end) world.clock.schedule(at - world.clock.now(), () => run.perform(step))
    else {
      await world.clock.advance(at - world.clock.now())
      run.perform(step)
    }
  }
  await world.clock.advance(end - world.clock.now())
  run.heal()
  if (plan.gathers) run.gather()
  const healing = await heal(world, run, checker, patience)
  await checkIdle(world, run, checker)
  if (plan.gathers) await checkAgreement(world, audit, checker)
  await checkHistories(run, checker, pairs)
  await world.end()
  const letters = [...checker.letters.values()]
  return {
    plan,
    violations: checker.violations,
    hash: log.digest(),
    events: world.clock.events,
    duration: world.clock.now() - began,
    messages: letters.filter(({ isAcknowledged }) => isAcknowledged).length,
    delivered: letters.filter(({ isReceived }) => isReceived).length,
    deaths: run.deaths,
    healing
  }
}

/** One of people who do not take part would be passed over in silence. */
function checkEncounter(encounter: unknown, { nodes }: Plan): void {
  const [one, other, start, end] = ['one', 'other', 'start', 'end'].map((name) => member(encounter, name))
  const areThere = [one, other].every((who) => isCount(who) && Number(who) < nodes) && one !== other
  if (!areThere || !isNumber(start) || !isNumber(end) || Number(end) < Number(start))
    throw new MessengerError(
      'OPTIONS_INVALID',
      `An encounter is { one, other, start, end }, of two of the people 0 to ${String(nodes - 1)}, in ms; give as many nodes as it takes`
    )
}

function createWorld(plan: Plan, write: (line: string) => void): World {
  const { seed, loss, duplication, reordering, corruption, delay, bandwidth } = plan
  const world = new World({
    seed,
    loss,
    duplication,
    reordering,
    corruption,
    delay: [delay / 10, delay],
    ...(bandwidth === 0 ? {} : { bandwidth }),
    onTransmit: ({ at, from, to, kind, bytes, fate }) => {
      write(`${String(at)} ${from}>${to} ${kind} ${String(bytes)} ${fate}`)
    }
  })
  world.observe((by, event, at) => {
    write(`${String(at)} ${by} ${describe(event)}`)
  })
  return world
}

function describe(event: WorldEvent): string {
  switch (event.kind) {
    case 'receive':
    case 'update':
      return `${event.kind} ${event.message.id} ${event.message.status} ${textOf(event.message)}`
    case 'publish':
      return `publish ${String(event.envelope.length)}`
    case 'commit':
      return `commit ${String(event.writes)}`
    case 'refuse':
      return `refuse ${event.reason}`
    case 'change':
      return `change ${event.change}`
    case 'warn':
      return `warn ${event.text}`
    case 'death':
      return `death ${event.death}`
    case 'open':
    case 'close':
      return event.kind
  }
}

/** Let time pass until everything has arrived; how long it took. */
async function heal(world: World, run: Run, checker: Checker, patience: number): Promise<number> {
  const began = world.clock.now()
  for (let looks = 1; world.clock.now() < began + patience; looks += 1) {
    const waiting = [...checker.letters.values()].filter(isWaiting)
    if (waiting.length === 0) return world.clock.now() - began
    if (looks % LOOKS_PER_READING === 0) await readAgain(run, checker, waiting)
    await world.clock.advance(LOOK)
  }
  for (const { text, by, to, status, isReceived } of [...checker.letters.values()].filter(isWaiting)) {
    const where = isReceived ? 'but only the receipt is missing' : 'and not received'
    checker.fail('everything-arrives', `'${text}' of ${by} to ${to} is ${status ?? 'queued'} ${where}`)
  }
  return world.clock.now() - began
}

function isWaiting({ isAcknowledged, isReceived, status }: Letter): boolean {
  return isAcknowledged && !(isReceived && (status === 'delivered' || status === 'read'))
}

/** See in the histories what became of these letters. */
async function readAgain(run: Run, checker: Checker, letters: readonly Letter[]): Promise<void> {
  const pairs = new Set(letters.flatMap(({ by, to }) => [`${by} ${to}`, `${to} ${by}`]))
  for (const pair of pairs) {
    const [mine, theirs] = pair.split(' ').map((name) => run.people.find((person) => person.name === name))
    if (mine === undefined || theirs === undefined) continue
    for (const message of await historyOf(mine, theirs)) {
      const letter = checker.letters.get(textOf(message))
      if (letter === undefined) continue
      if (message.own) letter.status = message.status
      else letter.isReceived = true
    }
  }
}

async function historyOf(person: Person, other: Person): ReturnType<Person['history']> {
  if (!person.running) return []
  const known = await person.messenger.contacts.list()
  return known.some(({ id }) => id === other.id) ? await person.history(other) : []
}

async function checkIdle(world: World, run: Run, checker: Checker): Promise<void> {
  await world.clock.advance(IDLE)
  const before = run.people.map(({ wakes }) => wakes)
  await world.clock.advance(IDLE)
  for (const [index, { name, wakes }] of run.people.entries()) {
    const woken = wakes - (before[index] ?? 0)
    if (woken > MAX_IDLE_WAKES)
      checker.fail('idle-is-quiet', `${name} woke ${String(woken)} times in ten idle minutes`)
  }
}

/** Let time pass until all mailboxes agree: the last to arrive is released, and told of in the rounds after that. */
async function checkAgreement(world: World, audit: Audit, checker: Checker): Promise<void> {
  const end = world.clock.now() + MAX_RELEASE_WAIT + AGREEMENT_ROUNDS * SYNC_OTHERS
  let found = await audit.disagreements(world.clock.now())
  while (found.length > 0 && world.clock.now() < end) {
    await world.clock.advance(SYNC_OTHERS)
    found = await audit.disagreements(world.clock.now())
  }
  for (const what of found) checker.fail('mailboxes-agree', what)
}

async function checkHistories(
  run: Run,
  checker: Checker,
  pairs: readonly (readonly [number, number])[]
): Promise<void> {
  for (const [one, other] of pairs.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])) {
    const [person, contact] = [run.people[one], run.people[other]]
    if (person === undefined || contact === undefined) continue
    if (!person.running) checker.fail('errors-are-known', `${person.name} does not run at the end`)
    checker.compare(person.name, contact.name, await historyOf(person, contact))
  }
  checker.finish()
}
