import { randomUUID } from 'node:crypto'
import type { RunOptions } from '../harness/question.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'

const DAY_MS = 86_400_000
/** Days that what is common expires on, from tomorrow. */
const COMMON_DAYS = 14
const COMMON = [
  { name: '10k', common: 10_000 },
  { name: '100k', common: 100_000 }
] as const
const MISSING = [100, 1_000, 10_000] as const

/** Two processes with a node each, which are contacts of each other and linked only while they heal. */
class Couple {
  readonly #full: Worker
  readonly #lacking: Worker
  readonly #say: RunOptions['say']
  /** Every outage's envelopes expire on a day of their own, later than all before. */
  #day = Math.floor(Date.now() / DAY_MS) + 1 + COMMON_DAYS

  private constructor(full: Worker, lacking: Worker, say: RunOptions['say']) {
    this.#full = full
    this.#lacking = lacking
    this.#say = say
  }

  /** Let them meet, and part again. */
  static async use(
    directory: string,
    say: RunOptions['say'],
    work: (couple: Couple) => Promise<void>
  ): Promise<void> {
    const module = new URL('process.js', import.meta.url)
    const networkName = `bench-${randomUUID().slice(0, 8)}`
    const [full, lacking] = ['full', 'lacking'].map(
      (name) => new Worker(module, { args: [`${directory}/${name}`, networkName] })
    )
    if (full === undefined || lacking === undefined) throw new Error('There are to be two processes')
    try {
      const answered = full.ask('answerGreeting')
      await lacking.ask('meet', await full.text('card'))
      await answered
      await lacking.ask('stop')
      await work(new Couple(full, lacking, say))
    } finally {
      await Promise.all([full.stop(), lacking.stop()])
    }
  }

  /** Put envelopes into both. */
  async share(first: number, count: number): Promise<void> {
    const day = Math.floor(Date.now() / DAY_MS) + 1
    const taken = await Promise.all(
      [this.#full, this.#lacking].map((node) => node.number('put', 'common', first, count, day, COMMON_DAYS))
    )
    if (taken.some((each) => each !== count)) throw new Error('Not all that is to be common was taken')
  }

  /** Let one of them get `missing` envelopes, and link them: seconds until the other has them stored. */
  async heal(missing: number): Promise<number> {
    const day = this.#day++
    const taken = await this.#full.number('put', `missing ${String(day)}`, 0, missing, day, 1)
    if (taken !== missing) throw new Error('Not all that is to be missing was taken')
    const address = await this.#full.text('address')
    const seconds = (await this.#lacking.number('heal', address, missing)) / 1000
    await this.#lacking.ask('stop')
    const [here, there] = await Promise.all(
      [this.#lacking, this.#full].map((node) => node.number('envelopes'))
    )
    this.#say(
      `${String(missing)} missing, healed in ${seconds.toFixed(2)} s: ${String(here)} and ${String(there)} envelopes`
    )
    return seconds
  }
}

/** Seconds it takes until a node has what it lacks, from the first dial on: two processes over TCP on loopback, stored durably. */
export async function measureHealing({ record, say }: RunOptions): Promise<void> {
  await withDirectory(async (directory) => {
    await Couple.use(directory, say, async (couple) => {
      record('heal-10000.seconds', 's', await couple.heal(10_000))
      let shared = 0
      for (const { name, common } of COMMON) {
        await couple.share(shared, common - shared)
        shared = common
        for (const missing of MISSING) {
          record(`heal-${name}-${String(missing)}.seconds`, 's', await couple.heal(missing))
        }
      }
    })
  })
}
