import assert from 'node:assert/strict'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** How long anything may take that should take a second or two. */
export const PATIENCE = 20_000

/** A running `hallig`, with everything it has printed. */
export class Running {
  out = ''
  err = ''
  readonly child: ChildProcessWithoutNullStreams
  readonly exit: Promise<number | null>
  #heard: () => void = () => undefined

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child
    child.stdout.on('data', (chunk: Buffer) => {
      this.out += stripVTControlCharacters(chunk.toString())
      this.#heard()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk.toString()
    })
    this.exit = new Promise((resolve) => {
      child.on('close', (code) => {
        resolve(code)
        this.#heard()
      })
    })
  }

  /** Waits until the output matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer)
        reject(new Error(`${why} ${String(pattern)}\nout: ${this.out}\nerr: ${this.err}`))
      }
      const timer = setTimeout(() => fail('not seen in time:'), PATIENCE)
      this.#heard = () => {
        const found = pattern.exec(this.out)
        if (found === null) {
          if (this.child.exitCode !== null) fail('ended without')
          return
        }
        clearTimeout(timer)
        resolve(found)
      }
      this.#heard()
    })
  }
}

/** One person's directory and the programs they run. */
export class Person {
  readonly directory: string
  readonly running: Running[] = []
  env: Record<string, string> = {}
  readonly #network: readonly string[]

  constructor(directory: string, network: string) {
    this.directory = directory
    // A network of its own on the loopback interface: whatever else runs on this machine stays out of it.
    this.#network = ['--network', network, '--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0']
  }

  start(...args: string[]): Running {
    return this.#begin(process.execPath, [main, ...args, ...this.#network])
  }

  /** Start in a pseudo-terminal; util-linux's `script` makes one. */
  startInTerminal(...args: string[]): Running {
    const command = [process.execPath, main, ...args, ...this.#network].map((part) => `'${part}'`).join(' ')
    return this.#begin('script', ['-qec', `stty rows 24 cols 80; ${command}`, '/dev/null'])
  }

  async run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const running = this.start(...args)
    running.child.stdin.end()
    const code = await running.exit
    return { code, out: running.out, err: running.err }
  }

  /** Run a command that has to succeed; returns its answer. */
  async json<Answer>(...args: string[]): Promise<Answer> {
    const { code, out, err } = await this.run('--json', ...args)
    assert.equal(code, 0, err)
    return JSON.parse(out) as Answer
  }

  end(): void {
    for (const { child } of this.running) child.kill('SIGKILL')
  }

  #begin(program: string, args: string[]): Running {
    const env = { ...process.env, TERM: 'xterm', NO_COLOR: '1', HALLIG_DIR: this.directory, ...this.env }
    const running = new Running(spawn(program, args, { env }))
    this.running.push(running)
    return running
  }
}
