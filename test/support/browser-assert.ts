// What `node:assert/strict` is in a page, as far as the conformance suites use it.
import fc from 'fast-check'

class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

function equal(actual: unknown, expected: unknown, message = 'equal'): void {
  if (!Object.is(actual, expected)) fail(`${message}: ${fc.stringify(actual)}, not ${fc.stringify(expected)}`)
}

/** Arrays of other types are others, whatever they hold. */
function deepEqual(actual: unknown, expected: unknown): void {
  equal(fc.stringify(actual), fc.stringify(expected), 'deepEqual')
}

function notDeepEqual(actual: unknown, expected: unknown): void {
  if (fc.stringify(actual) === fc.stringify(expected)) fail(`notDeepEqual: ${fc.stringify(actual)}`)
}

function ok(value: unknown, message = 'not true'): void {
  if (!value) fail(message)
}

function fail(message = 'failed'): never {
  throw new AssertionError(message)
}

function throws(attempt: () => unknown, check?: (error: unknown) => boolean): void {
  try {
    attempt()
  } catch (error) {
    ok(check === undefined || check(error), `another error: ${String(error)}`)
    return
  }
  fail('nothing was thrown')
}

async function rejects(attempt: () => Promise<unknown>, check: (error: unknown) => boolean): Promise<void> {
  const error = await attempt().then(
    () => fail('nothing was rejected'),
    (reason: unknown) => reason
  )
  ok(check(error), `another error: ${String(error)}`)
}

export default { equal, deepEqual, notDeepEqual, ok, fail, throws, rejects }
