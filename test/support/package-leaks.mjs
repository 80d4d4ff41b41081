// Loaded by mocha before the tests. Mocha runs without `exit: true`, so a handle that somebody forgot to close keeps the
// process alive. This names it and fails the run instead of letting it hang.
import process from 'node:process'

const GRACE_MS = 10_000

export const mochaHooks = {
  afterAll() {
    // Unreferenced: it fires only if something else holds the process.
    setTimeout(() => {
      const held = process.getActiveResourcesInfo().join(', ')
      console.error(`\nStill alive ${String(GRACE_MS)} ms after the last test, held by: ${held}`)
      // Mocha sets the exit code in its own exit listener: this one is registered later and has the last word.
      process.once('exit', () => {
        process.exitCode = 1
      })
      process.exit(1)
    }, GRACE_MS).unref()
  }
}
