import { createInterface } from 'node:readline/promises'
import type { Surroundings } from './surroundings.js'

type Console = Pick<Surroundings, 'stdin' | 'stdout'>

/** Whether somebody is there to be asked: both ends are a terminal. */
export function canAsk({ stdin, stdout }: Console): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/** Ask on the terminal; anything that does not begin with a y is a no. */
export async function ask({ stdin, stdout }: Console, question: string): Promise<boolean> {
  const reader = createInterface({ input: stdin, output: stdout })
  try {
    return /^\s*y/i.test(await reader.question(`${question} [y/N] `))
  } catch (error) {
    // Ctrl-C and Ctrl-D are a no, too, and what comes next belongs on a line of its own.
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
    stdout.write('\n')
    return false
  } finally {
    reader.close()
  }
}
