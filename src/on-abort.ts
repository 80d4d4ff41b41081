/** What is to happen when a signal aborts. It takes one listener for all, as Node warns of a leak where a signal has eleven. */
const awaited = new WeakMap<AbortSignal, { readonly actions: Set<() => void>; readonly stop: () => void }>()

/** Have `act` called when `signal` aborts, or at once if it has; the returned function takes that back. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => undefined
  if (signal.aborted) {
    act()
    return () => undefined
  }
  const { actions, stop } = awaited.get(signal) ?? listen(signal)
  // The same function given twice is called twice.
  const action = (): void => {
    act()
  }
  actions.add(action)
  return () => {
    if (actions.delete(action) && actions.size === 0) stop()
  }
}

function listen(signal: AbortSignal): { readonly actions: Set<() => void>; readonly stop: () => void } {
  const actions = new Set<() => void>()
  const stop = (): void => {
    awaited.delete(signal)
    signal.removeEventListener('abort', actOnAll)
  }
  const actOnAll = (): void => {
    stop()
    for (const action of actions) if (actions.delete(action)) action()
  }
  signal.addEventListener('abort', actOnAll)
  const listening = { actions, stop }
  awaited.set(signal, listening)
  return listening
}

/** The outcome of `promise`; rejects with `toError(signal)` as soon as the signal aborts, and then nobody waits for that any more. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  toError: (signal: AbortSignal) => Error = reasonOf
): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const release = onAbort(signal, () => {
      reject(toError(signal))
    })
    promise.finally(release).then(resolve, reject)
  })
}

/** Why a signal has aborted. */
export function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('Aborted')
}
