import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { run } from '../../src/cli/run.js'
import type { Battery } from '../../src/cli/battery.js'
import type { Surroundings } from '../../src/cli/surroundings.js'
import type { MessengerOptions } from '../../src/index.js'
import { MORNING, type FakeMessenger } from './fake-messenger.js'

/** What a command left behind. */
export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A sink that keeps what is written. */
export class Page extends Writable {
  text = ''
  /** Told of everything that was written so far, after each write. */
  onWrite: (text: string) => void = () => undefined
  readonly isTTY: boolean
  columns = 100
  rows = 30

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    this.onWrite(this.text)
    done()
  }
}

/** The command line in front of a fake messenger, in a directory of its own. */
export class CommandLine {
  readonly directory = mkdtempSync(join(tmpdir(), 'hallig-cli-'))
  readonly opened: MessengerOptions[] = []
  readonly messenger: FakeMessenger
  env: Record<string, string> = {}
  stdin: PassThrough & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown } = new PassThrough()
  terminal = false
  columns = 100
  rows = 30
  /** Told of what a command has written to stdout so far. */
  onWrite: (text: string) => void = () => undefined
  /** The same of stderr. */
  onRemark: (text: string) => void = () => undefined
  user = 1000
  patience = 0
  /** Told when opening the store has failed. */
  onRefusal: () => void = () => undefined
  /** What opening the store fails with. */
  refusal: Error | undefined

  constructor(messenger: FakeMessenger) {
    this.messenger = messenger
  }

  async run(...args: string[]): Promise<Outcome> {
    const stdout = new Page(this.terminal)
    stdout.onWrite = this.onWrite
    stdout.rows = this.rows
    stdout.columns = this.columns
    const stderr = new Page(this.terminal)
    stderr.onWrite = this.onRemark
    const code = await run(['--dir', this.directory, ...args], this.surroundings(stdout, stderr))
    return { code, out: stdout.text, err: stderr.text }
  }

  /** Run a command and read its answer as JSON. */
  async json(...args: string[]): Promise<unknown> {
    const { code, out, err } = await this.run('--json', ...args)
    if (code !== 0) throw new Error(`exit code ${String(code)}: ${err}`)
    return JSON.parse(out)
  }

  /** What the device says of its battery. */
  battery: Battery | undefined
  looksAtBattery = 0

  surroundings(stdout: Page, stderr: Page): Surroundings {
    return {
      stdin: this.stdin,
      stdout,
      stderr,
      env: this.env,
      platform: 'linux',
      home: this.directory,
      user: this.user,
      version: '1.2.3',
      battery: () => {
        this.looksAtBattery++
        return Promise.resolve(this.battery)
      },
      now: () => MORNING,
      patience: this.patience,
      createMessenger: async (options) => {
        if (this.refusal !== undefined) {
          const { refusal } = this
          this.onRefusal()
          throw refusal
        }
        this.opened.push(options)
        if (options.name !== undefined) this.messenger.name = options.name
        if (options.path !== undefined) makeStore(options.path)
        return Promise.resolve(this.messenger)
      }
    }
  }

  end(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A store as it looks from outside. */
function makeStore(path: string): void {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'LOG'), '')
}

/** Runs a test against an initialised command line, and tidies up after it. */
export async function withCommandLine(
  messenger: FakeMessenger,
  use: (cli: CommandLine) => Promise<void>,
  prepared: 'initialised' | 'empty' = 'initialised'
): Promise<void> {
  const cli = new CommandLine(messenger)
  try {
    if (prepared === 'initialised') await cli.run('init')
    await use(cli)
  } finally {
    cli.end()
  }
}
