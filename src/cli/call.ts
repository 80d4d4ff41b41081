import type { Command } from 'commander'
import { globalOptions, type GlobalOptions } from './global-options.js'
import { createOutput, type Output } from './output.js'
import type { Surroundings } from './surroundings.js'

/** One call of one command: what was asked for, and the world it was asked in. */
export interface Call {
  /** The command's name. */
  readonly command: string
  readonly options: GlobalOptions
  readonly output: Output
  readonly surroundings: Surroundings
}

/** The call that commander parsed. */
export function callOf(command: Command, surroundings: Surroundings): Call {
  const options = globalOptions(command, surroundings)
  return { command: command.name(), options, output: createOutput(surroundings, options.json), surroundings }
}
