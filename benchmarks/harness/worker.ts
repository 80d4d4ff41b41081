import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Reply, Scalar } from './serve.js'

/** Longest wait for an answer, ms, unless told otherwise: a hung process must fail the run, not stop it. */
const PATIENCE = 180_000

export interface WorkerOptions {
  readonly args?: readonly string[]
  /** A command that runs the process, such as one that changes the network namespace. */
  readonly prefix?: readonly string[]
  /** Options of Node for this process only. */
  readonly nodeOptions?: readonly string[]
  /** Longest wait for an answer, ms. */
  readonly patience?: number
}

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

/** The options of Node this process was started with; not a program on the command line, which `-e` is. */
function inheritedOptions(): readonly string[] {
  const isProgram = (option: string): boolean => /^(-e|-p|-pe|--eval|--print)$/.test(option)
  return process.execArgv.filter(
    (option, at, all) =>
      !isProgram(option) && !isProgram(all[at - 1] ?? '') && !/^--(eval|print)=/.test(option)
  )
}

/** A process of the benchmark, started with the same Node and the same Node options (`--cpu-prof`, for one) as this one. */
export class Worker {
  readonly #child: ChildProcess
  readonly #patience: number
  readonly #waiting = new Map<number, Waiting>()
  #next = 0

  constructor(
    module: URL,
    { args = [], prefix = [], nodeOptions = [], patience = PATIENCE }: WorkerOptions = {}
  ) {
    this.#patience = patience
    const [program = process.execPath, ...rest] = [
      ...prefix,
      process.execPath,
      ...inheritedOptions(),
      ...nodeOptions,
      fileURLToPath(module),
      ...args
    ]
    this.#child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('failure' in answer) waiting?.reject(new Error(answer.failure))
      else waiting?.resolve(answer.reply)
    })
    this.#child.on('exit', (code, signal) => {
      const reason = `A process of the benchmark ended (${String(signal ?? code)})`
      for (const { reject } of this.#waiting.values()) reject(new Error(reason))
      this.#waiting.clear()
    })
  }

  async ask(command: string, ...args: Scalar[]): Promise<Reply> {
    const id = this.#next++
    const timer = setTimeout(() => {
      this.#waiting
        .get(id)
        ?.reject(new Error(`No answer to ${command} within ${String(this.#patience / 1000)} s`))
    }, this.#patience)
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        this.#child.send({ id, command, args })
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  async text(command: string, ...args: Scalar[]): Promise<string> {
    return String(await this.ask(command, ...args))
  }

  async number(command: string, ...args: Scalar[]): Promise<number> {
    return Number(await this.ask(command, ...args))
  }

  async numbers(command: string, ...args: Scalar[]): Promise<readonly number[]> {
    const reply = await this.ask(command, ...args)
    if (typeof reply !== 'object') throw new Error(`${command} did not answer with numbers`)
    return reply
  }

  /** Let the process close what it has open and end. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await exit
    clearTimeout(timer)
  }
}
