/**
 * Time as an argument. The core takes `now: number`; whoever has to wake later takes a `Clock`, so that a test can
 * run a simulated week in a second and one seed replays one run.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, as this device believes. May jump; nothing secret may depend on it. */
  now(): number
  /**
   * Call `wake` once, after `delay` milliseconds. The returned function cancels it. A system clock's timers never
   * keep a process alive by themselves, but for a delay of 0: work goes on behind it, and there may be nothing else to
   * wait for.
   */
  schedule(delay: number, wake: () => void): () => void
}
