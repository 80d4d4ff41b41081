/** Cryptographically secure random bytes: returns `length` fresh bytes. Passed last, so that tests can seed it. */
export type RandomSource = (length: number) => Uint8Array
