import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { run } from '../support/package-run.js'
import { packageRoot } from '../support/package-sources.js'
import { temporaryDirectory } from '../support/store-temporary.js'

/** What Spin found: an exhaustive search either ends without an error, or ends at the first. */
export interface Verdict {
  readonly errors: number
  /** Different states of the whole system that were visited. */
  readonly states: number
  /** Steps of the longest path. */
  readonly depth: number
  readonly output: string
}

const TIMEOUT_MS = 300_000
/** Steps a path may have: far above the longest, and the search says so if it is not. */
const MAX_DEPTH = 1_000_000

/** Whether Spin and the C compiler it needs are installed. */
export function hasSpin(): boolean {
  return ['spin', 'gcc'].every((program) => spawnSync(program, ['--version']).error === undefined)
}

/** Search every state of a model of `test/spin/`, with these guards turned off. */
export async function verify(model: string, off: readonly string[] = []): Promise<Verdict> {
  const directory = await temporaryDirectory()
  try {
    const step = async (command: string, args: readonly string[]): Promise<string> => {
      const { code, output } = await run(command, args, { cwd: directory.path, timeout: TIMEOUT_MS })
      if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${output}`)
      return output
    }
    const source = join(packageRoot, 'test/spin', model)
    await step('spin', [...off.map((guard) => `-D${guard}`), '-a', source])
    await step('gcc', ['-O2', '-DSAFETY', '-w', '-o', 'pan', 'pan.c'])
    return verdictOf(await step('./pan', [`-m${String(MAX_DEPTH)}`]))
  } finally {
    await directory.remove()
  }
}

function verdictOf(output: string): Verdict {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? NaN)
  return {
    errors: number(/errors: (\d+)/),
    states: number(/(\d+) states, stored/),
    depth: number(/depth reached (\d+)/),
    output
  }
}
