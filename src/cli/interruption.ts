import process from 'node:process'

/**
 * Run something that waits, with a signal that aborts at Ctrl-C, `kill` or a closed terminal: the command then ends
 * its waiting and closes in order. A second one ends the process at once, as it does before and after.
 */
export async function untilInterrupted<Result>(
  wait: (signal: AbortSignal) => Promise<Result>
): Promise<Result> {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort()
  }
  for (const name of SIGNALS) process.once(name, abort)
  try {
    return await wait(controller.signal)
  } finally {
    for (const name of SIGNALS) process.off(name, abort)
  }
}

/** End what waits in this process, as `kill` would. */
export function interrupt(): void {
  process.emit('SIGTERM')
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Resolves after `ms`, or at once when `signal` aborts; never rejects. Keeps the process alive meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/** Resolves when `signal` aborts. Keeps the process alive meanwhile. */
export async function aborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await pause(LONG, signal)
}

/** As long as a timer can be, in ms. */
const LONG = 2 ** 31 - 1
