import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const writer = fileURLToPath(new URL('store-writer.js', import.meta.url))

/** Starts the process that commits until it is killed; see `store-writer.ts` for its arguments. */
export function startWriter(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [writer, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The rounds that a writer acknowledges, as it does so. */
export async function* roundsOf(child: ChildProcess): AsyncGenerator<number> {
  assert.ok(child.stdout)
  for await (const line of createInterface({ input: child.stdout })) yield Number(line)
}

/** The rounds a writer acknowledged before it was killed, after `killAfter` of them or a little later. */
export async function writeUntilKilled(
  args: readonly string[],
  killAfter: number,
  beforeKill: (child: ChildProcess) => void = () => undefined
): Promise<number[]> {
  const child = startWriter(args)
  const rounds: number[] = []
  const ended = once(child, 'close')
  for await (const round of roundsOf(child)) {
    if (rounds.push(round) !== killAfter) continue
    beforeKill(child)
    child.kill('SIGKILL')
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
  return rounds
}
