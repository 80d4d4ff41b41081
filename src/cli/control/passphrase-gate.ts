import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What opening a store by its passphrase costs, so that whoever reads the memory of this process guesses no cheaper. */
const COST = { N: 2 ** 16, r: 8, p: 1, maxmem: 2 ** 27 }
const SALT_BYTES = 16
const VERIFIER_BYTES = 32

/** Lets those in who know the passphrase of the store; everybody where it has none. */
export class PassphraseGate {
  readonly #salt = randomBytes(SALT_BYTES)
  readonly #verifier: Promise<Buffer> | undefined
  /** One guess at a time: each takes 64 MiB and a fifth of a second. */
  #turn: Promise<unknown>

  constructor(passphrase: string | undefined) {
    this.#verifier = passphrase === undefined ? undefined : this.#derive(passphrase)
    // Whoever knocks is told that there was no memory for it.
    this.#turn = this.#verifier?.catch(() => undefined) ?? Promise.resolve()
  }

  async admits(passphrase: string): Promise<boolean> {
    const verifier = this.#verifier
    if (verifier === undefined) return true
    const turn = this.#turn.then(async () => timingSafeEqual(await this.#derive(passphrase), await verifier))
    this.#turn = turn.catch(() => undefined)
    return await turn
  }

  async #derive(passphrase: string): Promise<Buffer> {
    return await new Promise((resolve, reject) => {
      scrypt(passphrase, this.#salt, VERIFIER_BYTES, COST, (error, key) => {
        if (error === null) resolve(key)
        else reject(error)
      })
    })
  }
}
