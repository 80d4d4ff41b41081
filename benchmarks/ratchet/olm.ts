import { randomBytes } from 'node:crypto'
import { loadPeer } from '../harness/peers.js'
import { textOf, type Pair, type Side, type Strangers, type Subject } from './subject.js'

// The part of @matrix-org/olm that is used here; its own types are there only once it is installed.
interface Account {
  create(): void
  identity_keys(): string
  one_time_keys(): string
  generate_one_time_keys(count: number): void
  remove_one_time_keys(session: Session): void
  free(): void
}
interface Session {
  create_outbound(account: Account, identityKey: string, oneTimeKey: string): void
  create_inbound(account: Account, message: string): void
  encrypt(text: string): { readonly type: 0 | 1; readonly body: string }
  decrypt(type: number, body: string): string
  pickle(key: Uint8Array): string
  unpickle(key: Uint8Array, pickle: string): void
  free(): void
}
interface Olm {
  init(): Promise<void>
  readonly Account: new () => Account
  readonly Session: new () => Session
}

const ORDINARY = 1
const GREETING = 'hello'

/** olm takes text only; the content measured is ASCII. */
const decoder = new TextDecoder()
const encoder = new TextEncoder()

export async function loadOlm(): Promise<Subject> {
  const olm = await loadPeer<Olm>('@matrix-org/olm')
  await olm.init()
  return { makeStrangers: () => makeStrangers(olm) }
}

function makeStrangers(olm: Olm): Strangers {
  const [alice, bob] = [makeAccount(olm), makeAccount(olm)]
  bob.generate_one_time_keys(1)
  const identityKey = keyOf(curveKeys(bob.identity_keys()))
  const oneTimeKey = keyOf(curveKeys(bob.one_time_keys()))
  return {
    meet() {
      const key = randomBytes(32)
      const sessions = [new olm.Session(), new olm.Session()] as const
      const [first, second] = sessions
      first.create_outbound(alice, identityKey, oneTimeKey)
      const hello = first.encrypt(GREETING)
      second.create_inbound(bob, hello.body)
      second.decrypt(hello.type, hello.body)
      bob.remove_one_time_keys(second)
      const reply = second.encrypt(GREETING)
      first.decrypt(reply.type, reply.body)
      const pickles = sessions.map((session) => session.pickle(key))
      const parsed = new olm.Session()
      const serialise = (side: Side): void => {
        pickles[side] = sessions[side].pickle(key)
      }
      const pair: Pair = {
        encrypt(from, content) {
          const { body } = sessions[from].encrypt(decoder.decode(content))
          serialise(from)
          return body
        },
        decrypt(to, message) {
          const text = sessions[to].decrypt(ORDINARY, textOf(message))
          serialise(to)
          return encoder.encode(text)
        },
        serialise,
        parse: (side) => {
          parsed.unpickle(key, pickles[side] ?? '')
        }
      }
      for (const account of [alice, bob]) account.free()
      return pair
    }
  }
}

function makeAccount(olm: Olm): Account {
  const account = new olm.Account()
  account.create()
  return account
}

/** The Curve25519 part of what olm gives as JSON: a key, or keys by their ids. */
function curveKeys(text: string): unknown {
  const keys: unknown = JSON.parse(text)
  return typeof keys === 'object' && keys !== null && 'curve25519' in keys ? keys.curve25519 : undefined
}

function keyOf(keys: unknown): string {
  const found: unknown = typeof keys === 'object' && keys !== null ? Object.values(keys).at(0) : keys
  if (typeof found === 'string') return found
  throw new TypeError('olm gives the keys it has made')
}
