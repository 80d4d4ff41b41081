// A process that wipes its store and kills itself on the way: `node messenger-wiped.js <path> <moment> [passphrase]`. It writes
// the moment to standard output just before it dies.
import fs, { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Level } from 'level'
import { createMessenger } from '../../src/index.js'

const [path = '', moment = '', passphrase] = process.argv.slice(2)

function dieAt(name: string): void {
  if (name !== moment) return
  writeSync(1, `${name}\n`)
  process.kill(process.pid, 'SIGKILL')
}

/** Replace a method by itself, with a death before and one after it. */
function mine<Name extends string>(
  owner: Record<Name, (...args: never[]) => Promise<unknown>>,
  name: Name
): void {
  const original = owner[name]
  owner[name] = async (...args) => {
    dieAt(`before ${name}`)
    const result = await original.apply(owner, args)
    dieAt(`after ${name}`)
    return result
  }
}

const messenger = await createMessenger({
  path,
  start: false,
  network: { lan: false },
  ...(passphrase === undefined ? {} : { unlock: { kind: 'passphrase', passphrase } })
})
mine(fs.promises, 'unlink')
mine(fs.promises, 'rm')
mine(fs.promises, 'rmdir')
syncBuiltinESMExports()
const { compactRange } = Level.prototype as unknown as { compactRange: (...args: string[]) => Promise<void> }
Object.assign(Level.prototype, {
  async compactRange(this: unknown, ...args: string[]) {
    dieAt('before compactRange')
    await compactRange.apply(this, args)
    dieAt('after compactRange')
  }
})
const level = Level as unknown as { destroy: (location: string) => Promise<void> }
mine(level, 'destroy')
await messenger.wipe()
writeSync(1, 'wiped\n')
