import { parseArgs } from 'node:util'

/** How the demonstration is to go. */
export interface Plan {
  /** Messages each of the two writes, at least. */
  readonly messages: number
  /** Whether to look for each other by multicast. */
  readonly lan: boolean
  /** Whether Bob comes back; if not, the demonstration must fail. */
  readonly bobReturns: boolean
}

const DEFAULT_MESSAGES = 200
/** Fewer leave no middle of a conversation to be killed in; more take longer than anybody wants to watch. */
const FEWEST = 20
const MOST = 5_000

export const HELP = `Usage: npm start -- [options]

  --messages <count>   messages each of the two writes at least (default ${DEFAULT_MESSAGES})
  --no-multicast       let them find each other by an address instead
  --without-return     leave Bob dead: the demonstration must then fail
  --help               show this`

/** The plan in the arguments of the command line, or `help`. Throws with a sentence that says what is wrong. */
export function planOf(args: readonly string[]): Plan | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string', default: String(DEFAULT_MESSAGES) },
      'no-multicast': { type: 'boolean', default: false },
      'without-return': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  const messages = Number(values.messages)
  if (!Number.isInteger(messages) || messages < FEWEST || messages > MOST) {
    throw new Error(`--messages takes a whole number from ${FEWEST} to ${MOST}, not ${values.messages}`)
  }
  return { messages, lan: !values['no-multicast'], bobReturns: !values['without-return'] }
}
