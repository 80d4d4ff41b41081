import { readFileSync } from 'node:fs'
import { waitFor } from './network-wait.js'

/** Milliseconds a process may take to stand still, on a busy machine. */
const LIMIT_MS = 30_000

/** SIGKILL a process; nothing happens if it has ended meanwhile, because another did. */
export function killProcess(id: number): void {
  signalProcess(id, 'SIGKILL')
}

/**
 * Stop processes as a power failure does: none runs on to see its disk gone, and to take a write for done that was under way then. Resolves
 * when they stand still, which a signal does not wait for.
 */
export async function stopProcesses(ids: readonly number[]): Promise<void> {
  for (const id of ids) signalProcess(id, 'SIGSTOP')
  // Once its first thread stands still, another runs no code of its own any more, even if the kernel works for it.
  const isStill = (id: number): boolean => /^$|^.*\) [TZX] /s.test(textOf(`/proc/${String(id)}/stat`))
  await waitFor('all processes to stand still', () => ids.every(isStill), LIMIT_MS)
}

/** The text of a file; nothing if it is not there. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function signalProcess(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
