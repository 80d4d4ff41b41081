import { loadPeer } from '../harness/peers.js'
import { bytesOf, GREETING, type Pair, type Side, type Strangers, type Subject } from './subject.js'

// The part of @signalapp/libsignal-client that is used here; its own types are there only once it is installed.
interface PublicKey {
  serialize(): Uint8Array
}
interface PrivateKey {
  sign(message: Uint8Array): Uint8Array
}
interface IdentityKeyPair {
  readonly publicKey: PublicKey
  readonly privateKey: PrivateKey
}
interface KemKeyPair {
  getPublicKey(): PublicKey
}
interface Address {
  name(): string
}
interface SessionRecord {
  serialize(): Uint8Array
}
type Opaque = Readonly<Record<'_nativeHandle', unknown>>

interface SessionStore {
  saveSession(address: Address, record: SessionRecord): Promise<void>
  getSession(address: Address): Promise<SessionRecord | null>
}
type IdentityStore = Readonly<Record<string, (...input: never[]) => Promise<unknown>>>
type PrekeyStore = IdentityStore

interface Libsignal {
  readonly ProtocolAddress: { new: (name: string, device: number) => Address }
  readonly IdentityKeyPair: { generate(): IdentityKeyPair }
  readonly KEMKeyPair: { generate(): KemKeyPair }
  readonly PreKeyRecord: { new: (id: number, publicKey: PublicKey, privateKey: PrivateKey) => Opaque }
  readonly SignedPreKeyRecord: {
    new: (
      id: number,
      time: number,
      publicKey: PublicKey,
      privateKey: PrivateKey,
      signature: Uint8Array
    ) => Opaque
  }
  readonly KyberPreKeyRecord: {
    new: (id: number, time: number, pair: KemKeyPair, signature: Uint8Array) => Opaque
  }
  readonly PreKeyBundle: {
    new: (
      registration: number,
      device: number,
      prekeyId: number,
      prekey: PublicKey,
      signedPrekeyId: number,
      signedPrekey: PublicKey,
      signature: Uint8Array,
      identity: PublicKey,
      kemPrekeyId: number,
      kemPrekey: PublicKey,
      kemSignature: Uint8Array
    ) => Opaque
  }
  readonly SessionRecord: { deserialize(bytes: Uint8Array): SessionRecord }
  readonly SignalMessage: { deserialize(bytes: Uint8Array): Opaque }
  readonly PreKeySignalMessage: { deserialize(bytes: Uint8Array): Opaque }
  processPreKeyBundle(
    bundle: Opaque,
    address: Address,
    own: Address,
    sessions: SessionStore,
    identity: IdentityStore
  ): Promise<void>
  signalEncrypt(
    content: Uint8Array,
    address: Address,
    own: Address,
    sessions: SessionStore,
    identity: IdentityStore
  ): Promise<{ serialize(): Uint8Array }>
  signalDecrypt(
    message: Opaque,
    address: Address,
    own: Address,
    sessions: SessionStore,
    identity: IdentityStore
  ): Promise<Uint8Array>
  signalDecryptPreKey(
    message: Opaque,
    address: Address,
    own: Address,
    sessions: SessionStore,
    identity: IdentityStore,
    prekeys: PrekeyStore,
    signedPrekeys: PrekeyStore,
    kemPrekeys: PrekeyStore
  ): Promise<Uint8Array>
}

const PREKEY = 1
const REGISTRATION = 1
const DEVICE = 1

/** The stores of one person, as those of the package's own tests: sessions as bytes. */
interface Person {
  readonly address: Address
  readonly identityKey: IdentityKeyPair
  readonly identity: IdentityStore
  readonly sessions: SessionStore
  readonly stored: Map<string, Uint8Array>
}

function makePerson(lib: Libsignal, name: string): Person {
  const stored = new Map<string, Uint8Array>()
  const identityKey = lib.IdentityKeyPair.generate()
  return {
    address: lib.ProtocolAddress.new(name, DEVICE),
    identityKey,
    identity: {
      getIdentityKeyPair: () => Promise.resolve(identityKey),
      getLocalRegistrationId: () => Promise.resolve(REGISTRATION),
      saveIdentity: () => Promise.resolve(0),
      isTrustedIdentity: () => Promise.resolve(true),
      getIdentity: () => Promise.resolve(null)
    },
    sessions: {
      saveSession(address, record) {
        stored.set(address.name(), record.serialize())
        return Promise.resolve()
      },
      getSession(address) {
        const bytes = stored.get(address.name())
        return Promise.resolve(bytes === undefined ? null : lib.SessionRecord.deserialize(bytes))
      }
    },
    stored
  }
}

function makeBundle(lib: Libsignal, { identityKey }: Person): readonly [Opaque, readonly PrekeyStore[]] {
  const prekey = lib.IdentityKeyPair.generate()
  const signedPrekey = lib.IdentityKeyPair.generate()
  const kemPrekey = lib.KEMKeyPair.generate()
  const signature = identityKey.privateKey.sign(signedPrekey.publicKey.serialize())
  const kemSignature = identityKey.privateKey.sign(kemPrekey.getPublicKey().serialize())
  const now = Date.now()
  const records = {
    prekey: lib.PreKeyRecord.new(PREKEY, prekey.publicKey, prekey.privateKey),
    signed: lib.SignedPreKeyRecord.new(
      PREKEY,
      now,
      signedPrekey.publicKey,
      signedPrekey.privateKey,
      signature
    ),
    kem: lib.KyberPreKeyRecord.new(PREKEY, now, kemPrekey, kemSignature)
  }
  const bundle = lib.PreKeyBundle.new(
    REGISTRATION,
    DEVICE,
    PREKEY,
    prekey.publicKey,
    PREKEY,
    signedPrekey.publicKey,
    signature,
    identityKey.publicKey,
    PREKEY,
    kemPrekey.getPublicKey(),
    kemSignature
  )
  const stores = [
    { getPreKey: () => Promise.resolve(records.prekey), removePreKey: () => Promise.resolve() },
    { getSignedPreKey: () => Promise.resolve(records.signed) },
    { getKyberPreKey: () => Promise.resolve(records.kem), markKyberPreKeyUsed: () => Promise.resolve() }
  ]
  return [bundle, stores]
}

export async function loadLibsignalClient(): Promise<Subject> {
  const lib = await loadPeer<Libsignal>('@signalapp/libsignal-client')
  return { makeStrangers: () => makeStrangers(lib) }
}

function makeStrangers(lib: Libsignal): Strangers {
  const people = [makePerson(lib, 'alice'), makePerson(lib, 'bob')] as const
  const [alice, bob] = people
  const [bundle, [prekeys = {}, signedPrekeys = {}, kemPrekeys = {}]] = makeBundle(lib, bob)
  const encrypt = async (from: Side, content: Uint8Array): Promise<Uint8Array> => {
    const [own, other] = [people[from], people[from === 0 ? 1 : 0]]
    const sealed = await lib.signalEncrypt(content, other.address, own.address, own.sessions, own.identity)
    return sealed.serialize()
  }
  const pair: Pair = {
    encrypt,
    decrypt: (to, message) => {
      const [own, other] = [people[to], people[to === 0 ? 1 : 0]]
      const parsed = lib.SignalMessage.deserialize(bytesOf(message))
      return lib.signalDecrypt(parsed, other.address, own.address, own.sessions, own.identity)
    }
  }
  return {
    async meet() {
      await lib.processPreKeyBundle(bundle, bob.address, alice.address, alice.sessions, alice.identity)
      const hello = lib.PreKeySignalMessage.deserialize(await encrypt(0, GREETING))
      await lib.signalDecryptPreKey(
        hello,
        alice.address,
        bob.address,
        bob.sessions,
        bob.identity,
        prekeys,
        signedPrekeys,
        kemPrekeys
      )
      await pair.decrypt(0, await encrypt(1, GREETING))
      const keptBytes = (side: Side): Uint8Array => {
        const [bytes] = people[side].stored.values()
        if (bytes === undefined) throw new Error('A session is stored')
        return bytes
      }
      const records = ([0, 1] as const).map((side) => lib.SessionRecord.deserialize(keptBytes(side)))
      return {
        ...pair,
        serialise: (side) => records[side]?.serialize(),
        parse: (side) => lib.SessionRecord.deserialize(keptBytes(side))
      }
    }
  }
}
