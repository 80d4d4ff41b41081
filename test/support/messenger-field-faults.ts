import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '../../src/network/seeded-random.js'
import { ask, FAIR, LANS, type Field, type FieldPerson, type Weather } from './messenger-field.js'

/** What one fault needs; `lasts` waits so many seconds, or until the storm is over. */
export interface Storm {
  readonly field: Field
  readonly random: SeededRandom
  readonly say: (what: string) => void
  /** What cables are like without a fault. */
  readonly usual: Weather
  readonly lasts: (low: number, high: number) => Promise<void>
}

type Fault = (storm: Storm, person: FieldPerson) => Promise<void>

function badWeather(random: SeededRandom): Partial<Weather> {
  return {
    loss: random.chance(0.5) ? random.between(0, 0.25) : 0,
    delay: random.chance(0.5) ? random.between(0, 400) : 1,
    jitter: random.chance(0.3) ? random.between(0, 200) : 0,
    reorder: random.chance(0.3) ? random.between(0, 0.2) : 0,
    duplicate: random.chance(0.3) ? random.between(0, 0.2) : 0,
    rate: random.chance(0.3) ? 20_000 : 0
  }
}

async function weatherAt(storm: Storm, port: string): Promise<void> {
  const { field, random, say, lasts, usual } = storm
  const weather = badWeather(random)
  say(`${port}: ${JSON.stringify(weather)}`)
  field.weather.tell({ set: port, ...weather })
  await lasts(20, 90)
  field.weather.tell({ set: port, ...usual })
}

const cable: readonly Fault[] = [
  (storm, { name }) => weatherAt(storm, name),
  (storm, { name }) => weatherAt(storm, name),
  async ({ field, say, lasts }, { name }) => {
    say(`${name}: silent cut`)
    field.weather.tell({ set: name, cut: true })
    await lasts(5, 120)
    field.weather.tell({ set: name, cut: false })
  },
  async ({ field, say, lasts }, person) => {
    say(`${person.name}: cable down`)
    field.ip(person, 'link set eth0 down')
    await lasts(3, 90)
    field.ip(person, 'link set eth0 up')
  },
  async ({ field, random, say }, person) => {
    person.host = Math.floor(random.between(20, 250))
    say(`${person.name}: address ${field.address(person)}`)
    field.ip(person, 'addr flush dev eth0', `addr add ${field.address(person)} dev eth0`)
    await Promise.resolve()
  },
  async ({ field, random, say, lasts }, person) => {
    const isNoticed = random.chance(0.5)
    if (isNoticed) field.ip(person, 'link set eth0 down')
    person.lan = LANS[Math.floor(random.between(0, 2.999))] ?? 1
    field.weather.tell({ set: person.name, lan: person.lan })
    say(`${person.name}: moves to LAN ${String(person.lan)}`)
    await lasts(0, 10)
    field.ip(person, 'addr flush dev eth0', `addr add ${field.address(person)} dev eth0`)
    if (isNoticed) field.ip(person, 'link set eth0 up')
  }
]

const device: readonly Fault[] = [
  async ({ field, random, say, lasts }, person) => {
    say(`${person.name}: killed`)
    await person.child?.kill()
    await lasts(0, random.chance(0.3) ? 120 : 10)
    await field.start(person)
  },
  async ({ say, lasts }, person) => {
    say(`${person.name}: asleep`)
    person.child?.signal('SIGSTOP')
    await lasts(20, 180)
    say(`${person.name}: awake`)
    person.child?.signal('SIGCONT')
  },
  async ({ field, say, lasts }, person) => {
    say(`${person.name}: closes`)
    await ask(person, 'close')
    await person.child?.ended
    await lasts(0, 30)
    await field.start(person)
  },
  async ({ random, say, lasts }, person) => {
    if (!person.hasClock) return
    const hours = random.between(-1, 1) * (random.chance(0.3) ? 30 : 2)
    person.ahead = Math.round(hours * 3_600_000)
    say(`${person.name}: clock ${hours.toFixed(1)} h ahead`)
    await ask(person, 'clock', String(person.ahead))
    await lasts(10, 120)
    person.ahead = 0
    await ask(person, 'clock', '0')
  },
  async ({ field, random, say, lasts }, person) => {
    const other = field.people[Math.floor(random.between(0, field.people.length - 0.001))]
    if (other === undefined || other === person) return
    const file = join(field.directory, `stick-${person.name}`)
    try {
      const written = JSON.stringify(await ask(person, 'export', file))
      await lasts(0, 20)
      const taken = JSON.stringify(await ask(other, 'import', file))
      say(`stick from ${person.name} to ${other.name}: ${written} ${taken}`)
    } catch (error) {
      // Either may be killed by then.
      say(`stick from ${person.name} to ${other.name}: ${String(error).split('\n', 1)[0] ?? ''}`)
    }
  }
]

async function boxFault({ field, random, say, lasts }: Storm): Promise<void> {
  const signal = random.chance(0.5) ? 'SIGKILL' : 'SIGTERM'
  say(`box: ${signal}`)
  await field.boxKill(signal)
  await lasts(1, 60)
  await field.boxStart()
}

/** Let one fault after the other happen for so long, many at a time, on cables that are so at best; resolves when all is mended. */
export async function storm(
  field: Field,
  random: SeededRandom,
  seconds: number,
  say: (what: string) => void,
  usual: Weather = FAIR
): Promise<void> {
  const ports = [...field.people.map(({ name }) => name), ...field.boxPorts]
  for (const port of ports) field.weather.tell({ set: port, ...usual })
  const over = AbortSignal.timeout(seconds * 1_000)
  setMaxListeners(0, over)
  const wait = async (low: number, high: number): Promise<void> => {
    await delay(random.between(low, high) * 1_000, undefined, { signal: over }).catch(() => undefined)
  }
  const place: Storm = { field, random, say, usual, lasts: wait }
  const running = new Set<Promise<void>>()
  const busy = new Set<string>()
  const begin = (key: string, act: () => Promise<void>): void => {
    if (busy.has(key)) return
    busy.add(key)
    const fault = act().finally(() => {
      busy.delete(key)
      running.delete(fault)
    })
    running.add(fault)
  }
  const pick = <T>(of: readonly T[]): T | undefined => of[Math.floor(random.number() * of.length)]
  while (!over.aborted) {
    await wait(1, 10)
    const person = pick(field.people)
    const port = pick(field.boxPorts)
    const kind = random.number()
    if (person === undefined || port === undefined) continue
    if (kind < 0.5) begin(`cable ${person.name}`, () => pick(cable)?.(place, person) ?? Promise.resolve())
    else if (kind < 0.85)
      begin(`device ${person.name}`, () => pick(device)?.(place, person) ?? Promise.resolve())
    else if (kind < 0.95) begin(port, () => weatherAt(place, port))
    else begin('box', () => boxFault(place))
  }
  await Promise.all(running)
  for (const port of ports) field.weather.tell({ set: port, ...FAIR })
}
