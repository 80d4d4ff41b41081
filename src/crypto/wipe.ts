import { primitives } from '#primitives'

/**
 * Overwrites secrets with zeros and drops what the backend still keeps of them. Best effort: JavaScript may have
 * moved or copied the bytes before.
 */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) {
    primitives.forget(secret)
    secret.fill(0)
  }
}

/** Whether two arrays hold the same bytes, in a time that tells their lengths but nothing of their content. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0)
  return difference === 0
}
