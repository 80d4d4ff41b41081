import { Command, CommanderError } from 'commander'
import { CommandError } from './command-error.js'
import { registerCommands } from './commands/register.js'
import { EXIT } from './exit-code.js'
import { addGlobalOptions } from './global-options.js'
import { reportError } from './output.js'
import type { Sink, Surroundings } from './surroundings.js'

/** Run one command line (without `node` and the script's name); returns the exit code and never throws. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const json = args.includes('--json')
  const program = createProgram(surroundings, json)
  try {
    await program.parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    return reportError(usageError(error, helpFor(program, args)), json, surroundings)
  }
}

function createProgram(surroundings: Surroundings, json: boolean): Command {
  const program = new Command('hallig')
    .description('Encrypted messages from node to node, without a server.')
    .version(surroundings.version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      // The help that no command at all leads to: for people, as with JSON there is one object and nothing else.
      writeErr: (text) => json || surroundings.stderr.write(text),
      getOutHelpWidth: () => helpWidth(surroundings.stdout),
      getErrHelpWidth: () => helpWidth(surroundings.stderr),
      // `run` reports errors itself, in the form that was asked for.
      outputError: () => undefined
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .addHelpText('after', EPILOGUE)
  addGlobalOptions(program)
  registerCommands(program, surroundings)
  return program
}

/** Lines longer than this are hard to read, however wide the terminal is. */
function helpWidth({ columns }: Sink): number {
  return Math.min(columns ?? 100, 100)
}

/** Where it says how the command that was meant is used. */
function helpFor(program: Command, args: readonly string[]): string {
  const known = program.commands.map((command) => command.name())
  const name = args.find((word) => known.includes(word))
  return name === undefined
    ? '`hallig --help` lists everything'
    : `\`hallig ${name} --help\` says how it is used`
}

/** Commander's complaint in our words and with our exit code. */
function usageError(error: unknown, help: string): unknown {
  if (!(error instanceof CommanderError)) return error
  if (error.code === 'commander.help')
    return new CommandError('USAGE', 'Say what to do: one of the commands above')
  const [first = '', hint = ''] = error.message.replace(/^error: /, '').split('\n')
  const sentence = first.charAt(0).toUpperCase() + first.slice(1).replace(/\.$/, '')
  const question = hint.replace(/^\((.*)\)$/, ' $1')
  // A name of two words, most likely.
  const isTaken = error.code === 'commander.excessArguments' && !first.includes('Expected 0')
  const quotes = isTaken ? ' Put what has spaces in it between quotes.' : ''
  return new CommandError('USAGE', `${sentence}.${question}${quotes} ${help}`, { cause: error })
}

const EPILOGUE = `
First steps:
  $ hallig init --name Alice         make your identity
  $ hallig card                      show your card: a link and its QR code
  $ hallig add <their card>          add somebody from the card they gave you
  $ hallig chat Bob                  talk, now or when you are next in reach

Environment:
  HALLIG_DIR          the directory, instead of --dir
  HALLIG_PASSPHRASE   the passphrase, instead of --passphrase-file
  HALLIG_DEBUG        set to see where an error came from
  NO_COLOR            set for output without colours

Exit codes:
  0  done; so is a message that waits because nobody is in reach
  1  something failed while running
  2  the command line was wrong
  3  the store: missing, locked, wrong passphrase, too new, damaged, full,
     not writable
  4  no such contact, or several
  5  the card: invalid, expired, your own, or a picture that cannot be read
  6  the file: not one of Hallig's, of another network, damaged, or not to be
     read or written`
