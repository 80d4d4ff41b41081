import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { run, type Run } from '../support/package-run.js'

/** How long an example may take for anything, ms: many times what it takes on a slow machine. */
export const LIMIT_MS = 60_000

/** Where a built example lies. */
export function exampleFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

/** Runs a built example to its end. */
export function runExample(name: string, args: readonly string[], cwd: string): Promise<Run> {
  return run(process.execPath, [exampleFile(name), ...args], { cwd, timeout: LIMIT_MS })
}

/** An example that serves until it is told to stop. */
export interface Service {
  /** The first line of its output that contains `text`; rejects when it ends before. */
  line(text: string): Promise<string>
  /** Send a signal. */
  tell(signal: NodeJS.Signals): void
  /** Send a signal to it and to all that it has started, as Ctrl-C in a terminal does. */
  tellAll(signal: NodeJS.Signals): void
  /** Close its output, as `head` does. */
  stopReading(): void
  /** Exit code or signal, and everything it said. */
  readonly ended: Promise<string>
}

/** Starts a built example. */
export function startExample(
  name: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {}
): Service {
  return startProgram(process.execPath, [exampleFile(name), ...args], cwd, env)
}

/** Starts a program, in a group of processes of its own. */
export function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv
): Service {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL'
  })
  const lines: string[] = []
  const listeners = new Set<() => void>()
  let end: string | undefined
  const tellListeners = (): void => {
    for (const listener of [...listeners]) listener()
  }
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line)
      tellListeners()
    })
  }
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      end = [String(signal ?? code), ...lines].join('\n')
      tellListeners()
      resolve(end)
    })
  })
  return {
    ended,
    tell: (signal) => {
      child.kill(signal)
    },
    tellAll: (signal) => {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    },
    stopReading: () => {
      child.stdout.destroy()
    },
    line: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.find((candidate) => candidate.includes(text))
          if (line === undefined && end === undefined) return
          listeners.delete(look)
          if (line === undefined) reject(new Error(`Ended without '${text}': ${end ?? ''}`))
          else resolve(line)
        }
        listeners.add(look)
        look()
      })
  }
}
