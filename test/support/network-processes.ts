import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ChildReport } from './network-child.js'

/** A running `network-child`. */
export interface NetworkProcess {
  readonly reports: readonly ChildReport[]
  readonly pid: number
  tell(command: string): void
  /** The first report of this kind that is not taken yet; rejects after `limitMs`, or when the process ends before. */
  next(event: ChildReport['event'], limitMs?: number): Promise<ChildReport>
  /** Exit code and signal, once it ended. */
  readonly ended: Promise<string>
  kill(): void
}

/** Start one; `prefix` is a command it is run under, such as `ip netns exec name`. */
export function startNetworkProcess(args: readonly string[], prefix: readonly string[] = []): NetworkProcess {
  const script = fileURLToPath(new URL('network-child.js', import.meta.url))
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, script, ...args]
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  return follow(child)
}

function follow(child: ChildProcessByStdio<Writable, Readable, Readable>): NetworkProcess {
  const reports: ChildReport[] = []
  const taken = new Set<ChildReport>()
  const listeners = new Set<() => void>()
  let errors = ''
  let end: string | undefined
  const tellListeners = (): void => {
    for (const listener of listeners) listener()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const report: unknown = JSON.parse(line)
    if (isReport(report)) reports.push(report)
    tellListeners()
  })
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const ended = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => {
      end = `code ${String(code)} signal ${String(signal)}`
      tellListeners()
      resolve(end)
    })
  })

  return {
    reports,
    pid: child.pid ?? 0,
    ended,
    tell(command) {
      child.stdin.write(`${command}\n`)
    },
    kill() {
      child.kill('SIGKILL')
    },
    next(event, limitMs = 10_000) {
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          listeners.delete(look)
          clearTimeout(timer)
        }
        const look = (): void => {
          const report = reports.find((candidate) => candidate.event === event && !taken.has(candidate))
          if (report !== undefined) {
            taken.add(report)
            settle()
            resolve(report)
          } else if (end !== undefined) {
            settle()
            reject(new Error(`The process ended (${end}) without ${event}: ${errors}`))
          }
        }
        const timer = setTimeout(() => {
          settle()
          reject(new Error(`No ${event} within ${limitMs} ms; reports: ${JSON.stringify(reports)} ${errors}`))
        }, limitMs)
        listeners.add(look)
        look()
      })
    }
  }
}

function isReport(value: unknown): value is ChildReport {
  return typeof value === 'object' && value !== null && 'event' in value && 'at' in value
}
