import { createInterface, type Interface } from 'node:readline'
import { isMessengerError } from '../../src/index.js'

/** Write a line of JSON to standard output. */
export function tell(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Answer lines of JSON `{ id, verb, args }` on standard input with `{ id, result }`, or `{ id, error }` with the code of the error. */
export function answerLines(obey: (verb: string, args: readonly string[]) => Promise<unknown>): Interface {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const request: unknown = JSON.parse(line)
    if (!isRequest(request)) return
    const { id, verb, args } = request
    obey(verb, args).then(
      (result) => {
        tell({ id, result })
      },
      (error: unknown) => {
        tell({ id, error: isMessengerError(error) ? error.code : String(error) })
      }
    )
  })
  return lines
}

function isRequest(
  value: unknown
): value is { readonly id: number; readonly verb: string; readonly args: readonly string[] } {
  return typeof value === 'object' && value !== null && 'id' in value && 'verb' in value && 'args' in value
}
