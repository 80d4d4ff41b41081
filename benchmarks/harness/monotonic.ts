/** Milliseconds of the machine's monotonic clock: the same in all processes of one machine, unlike `performance.now()`. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
