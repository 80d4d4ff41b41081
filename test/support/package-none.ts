import assert from 'node:assert/strict'

/** Fails with one line per finding. */
export function assertNone(findings: readonly string[]): void {
  if (findings.length > 0) assert.fail(`found ${String(findings.length)}:\n  ${findings.join('\n  ')}`)
}
