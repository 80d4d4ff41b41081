import { loadPeer } from '../harness/peers.js'
import { bytesOf, GREETING, type Side, type Strangers, type Subject } from './subject.js'

// The part of @wireapp/proteus that is used here; its own types are there only once it is installed.
interface IdentityKeyPair {
  readonly public_key: object
}
interface Envelope {
  serialise(): ArrayBuffer
}
interface Session {
  serialise(): ArrayBuffer
  decrypt(prekeys: PrekeyStore, envelope: Envelope): Promise<Uint8Array>
}
interface PrekeyStore {
  load_prekey(id: number): Promise<object | undefined>
  delete_prekey(id: number): Promise<number>
}
interface Proteus {
  init(): Promise<void>
  readonly keys: {
    readonly IdentityKeyPair: new () => IdentityKeyPair
    readonly PreKey: new (id: number) => object
    readonly PreKeyBundle: {
      new (identity: object, prekey: object): { serialise(): ArrayBuffer }
      deserialise(bytes: ArrayBuffer): object
    }
  }
  readonly message: { readonly Envelope: { deserialise(bytes: ArrayBufferLike): Envelope } }
  readonly session: {
    readonly Session: {
      init_from_prekey(own: IdentityKeyPair, bundle: object): Session
      init_from_message(
        own: IdentityKeyPair,
        prekeys: PrekeyStore,
        envelope: Envelope
      ): Promise<[Session, Uint8Array]>
      encrypt(session: Session, content: Uint8Array): Envelope
      deserialise(own: IdentityKeyPair, bytes: ArrayBuffer): Session
    }
  }
}

const PREKEY = 1

export async function loadProteus(): Promise<Subject> {
  const lib = await loadPeer<Proteus>('@wireapp/proteus')
  await lib.init()
  return { makeStrangers: () => makeStrangers(lib) }
}

function makeStrangers(lib: Proteus): Strangers {
  const { Session } = lib.session
  const people = [new lib.keys.IdentityKeyPair(), new lib.keys.IdentityKeyPair()] as const
  const [alice, bob] = people
  const prekey = new lib.keys.PreKey(PREKEY)
  // As published: the recipient wipes its own objects with the first message.
  const bundle = lib.keys.PreKeyBundle.deserialise(
    new lib.keys.PreKeyBundle(bob.public_key, prekey).serialise()
  )
  const prekeys: PrekeyStore = {
    load_prekey: () => Promise.resolve(prekey),
    delete_prekey: (id) => Promise.resolve(id)
  }
  const open = (message: Uint8Array): Envelope => lib.message.Envelope.deserialise(message.slice().buffer)
  return {
    async meet() {
      const first = Session.init_from_prekey(alice, bundle)
      const hello = new Uint8Array(Session.encrypt(first, GREETING).serialise())
      const [second] = await Session.init_from_message(bob, prekeys, open(hello))
      const sessions = [first, second] as const
      const stored = sessions.map((session) => session.serialise())
      const serialise = (side: Side): void => {
        stored[side] = sessions[side].serialise()
      }
      const encrypt = (from: Side, content: Uint8Array): Uint8Array => {
        const message = new Uint8Array(Session.encrypt(sessions[from], content).serialise())
        serialise(from)
        return message
      }
      await first.decrypt(prekeys, open(encrypt(1, GREETING)))
      return {
        encrypt,
        async decrypt(to, message) {
          const content = await sessions[to].decrypt(prekeys, open(bytesOf(message)))
          serialise(to)
          return content
        },
        serialise,
        parse: (side) => Session.deserialise(people[side], stored[side] ?? new ArrayBuffer(0))
      }
    }
  }
}
