import { parseArgs } from 'node:util'

/** How the demonstration is to go. */
export interface Plan {
  /** Messages that Alice and Bob write to each other, each of the two. */
  readonly messages: number
  /** Whether to keep the islands apart by network namespaces, where they can be had. */
  readonly namespaces: boolean
  /** Whether Carol walks over, those who were killed come back, the stick is carried; without one of them it must fail. */
  readonly walk: boolean
  readonly return: boolean
  readonly stick: boolean
}

const DEFAULT_MESSAGES = 100
/** Fewer leave no middle of a conversation to be killed in; more take longer than anybody wants to watch. */
const FEWEST = 20
const MOST = 5_000

export const HELP = `Usage: npm start -- [options]

  --messages <count>   messages that Alice and Bob each write (default ${DEFAULT_MESSAGES})
  --no-namespaces      keep the islands apart without network namespaces
  --without-walk       Carol stays at home: the demonstration must then fail
  --without-return     those who are killed stay dead: it must fail
  --without-stick      nobody carries the stick: it must fail
  --help               show this`

/** The plan in the arguments of the command line, or `help`. Throws with a sentence that says what is wrong. */
export function planOf(args: readonly string[]): Plan | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string', default: String(DEFAULT_MESSAGES) },
      'no-namespaces': { type: 'boolean', default: false },
      'without-walk': { type: 'boolean', default: false },
      'without-return': { type: 'boolean', default: false },
      'without-stick': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  const messages = Number(values.messages)
  if (!Number.isInteger(messages) || messages < FEWEST || messages > MOST) {
    throw new Error(`--messages takes a whole number from ${FEWEST} to ${MOST}, not ${values.messages}`)
  }
  return {
    messages,
    namespaces: !values['no-namespaces'],
    walk: !values['without-walk'],
    return: !values['without-return'],
    stick: !values['without-stick']
  }
}
