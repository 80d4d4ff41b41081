/** What travels between the benchmark and its processes. */
export type Scalar = string | number
export type Reply = Scalar | readonly number[] | undefined

/** What a process can be told to do. */
export type Commands = Readonly<Record<string, (...args: Scalar[]) => Promise<Reply> | Reply>>

export interface Order {
  readonly id: number
  readonly command: string
  readonly args: Scalar[]
}

export type Answer =
  { readonly id: number; readonly reply: Reply } | { readonly id: number; readonly failure: string }

/** Longest wait for a process to close what it has open, ms: none may outlive the benchmark. */
const CLOSING = 30_000

/** Obey the process that started this one, until it goes; then `close` and exit. */
export function serve(commands: Commands, close: () => Promise<void>): void {
  process.on('message', (order: Order) => {
    void obey(commands, order).then((answer) => process.send?.(answer))
  })
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), CLOSING).unref()
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      }
    )
  })
}

async function obey(commands: Commands, { id, command, args }: Order): Promise<Answer> {
  const run = commands[command]
  if (run === undefined) return { id, failure: `No command ${command}` }
  try {
    return { id, reply: await run(...args) }
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
