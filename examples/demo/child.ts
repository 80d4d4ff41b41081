import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Many times what six processes that start at once on a slow machine take, ms. */
const SILENCE_MS = 40_000

const running = new Set<ChildProcess>()

/** End every process of the demonstration at once, and wait until the last one is gone. */
export async function killAll(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      // Not 'exit', which may have been already: a process counts as running until 'close'.
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      return gone
    })
  )
}

export interface ChildOptions<Report> {
  /** A command that the process is run under. */
  readonly prefix?: readonly string[]
  /** Called with every report, before whoever waits for it. */
  readonly onReport?: (report: Report) => void
  /** How long it may say nothing while something is expected of it, ms. */
  readonly silence?: number
}

/** A process that takes orders and reports: started from a script beside this file. */
export class Child<Order extends object, Report extends { readonly kind: string }> {
  readonly name: string
  readonly pid: number
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #process: ChildProcess
  readonly #silence: number
  readonly #untaken: Report[] = []
  readonly #waiting = new Set<() => void>()
  #end: number | string | undefined
  #failure: string | undefined

  constructor(name: string, script: string, options: ChildOptions<Report> = {}) {
    this.name = name
    this.#silence = options.silence ?? SILENCE_MS
    const [program, ...words] = options.prefix ?? []
    const run =
      program === undefined
        ? { execPath: process.execPath, execArgv: [] }
        : { execPath: program, execArgv: [...words, process.execPath] }
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), {
      ...run,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
    this.pid = this.#process.pid ?? 0
    running.add(this.#process)
    this.#process.on('error', ({ message }) => (this.#failure ??= message))
    let complaint = ''
    this.#process.stderr?.on('data', (text: Buffer) => (complaint += text.toString()))
    this.#process.on('message', (report: Report) => {
      if (report.kind === 'failed' && 'reason' in report) this.#failure ??= String(report.reason)
      this.#untaken.push(report)
      options.onReport?.(report)
      this.#look()
    })
    this.ended = new Promise((resolve) => {
      // Not 'exit': by now everything that it complained of has been read.
      this.#process.once('close', (code, signal) => {
        running.delete(this.#process)
        this.#end = code ?? signal ?? 'nothing'
        if (complaint !== '') this.#failure ??= complaint.trim()
        this.#look()
        resolve(this.#end)
      })
    })
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  tell(order: Order): void {
    if (this.#process.connected) this.#process.send(order)
  }

  /** The next report of a kind. */
  async next<Kind extends Report['kind']>(
    kind: Kind,
    what: string
  ): Promise<Extract<Report, { kind: Kind }>> {
    let found: Extract<Report, { kind: Kind }> | undefined
    await this.until(what, () => {
      found = this.#take(kind)
      return found !== undefined
    })
    if (found === undefined) throw new Error(`${this.name} reported no ${kind}`)
    return found
  }

  /**
   * Wait until a report makes `test` true. Rejects with a sentence when the process fails or ends, or when it has
   * reported nothing for a while.
   */
  until(what: string, test: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (): void => {
        timer.refresh()
        const isTrue = test()
        const fault = this.#fault()
        if (!isTrue && fault === undefined) return
        settle()
        if (isTrue) resolve()
        else reject(new Error(`${this.name} did not ${what}: ${fault ?? ''}`))
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`${this.name} did not ${what}: no news for ${this.#silence / 1000} seconds`))
      }, this.#silence)
      this.#waiting.add(look)
      look()
    })
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.ended
  }

  /** Wait until the process has ended without being told to; rejects unless all was well. */
  async endOfItself(): Promise<void> {
    await this.until('end by itself', () => this.#end !== undefined)
    if (this.#end !== 0) throw new Error(`${this.name} ended badly: ${this.#fault() ?? ''}`)
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }

  #fault(): string | undefined {
    return this.#failure ?? (this.#end === undefined ? undefined : `the process has ended (${this.#end})`)
  }

  #take<Kind extends Report['kind']>(kind: Kind): Extract<Report, { kind: Kind }> | undefined {
    const isWanted = (report: Report): report is Extract<Report, { kind: Kind }> => report.kind === kind
    const found = this.#untaken.find(isWanted)
    if (found !== undefined) this.#untaken.splice(this.#untaken.indexOf(found), 1)
    return found
  }
}
