/** Bytes that are in use after what is not has been collected: takes a process with `--expose-gc`. */
export function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Memory is measured with --expose-gc')
  // What the first collection finds to be finalised goes with the second.
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
