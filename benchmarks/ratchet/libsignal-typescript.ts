import { loadPeer } from '../harness/peers.js'
import { GREETING, textOf, type Pair, type Side, type Strangers, type Subject } from './subject.js'

// The part of @privacyresearch/libsignal-protocol-typescript that is used here; its own types are there only once it is installed.
interface KeyPair {
  readonly pubKey: ArrayBuffer
  readonly privKey: ArrayBuffer
}
interface Prekey {
  readonly keyId: number
  readonly keyPair: KeyPair
}
interface SignedPrekey extends Prekey {
  readonly signature: ArrayBuffer
}
interface Storage {
  getIdentityKeyPair(): Promise<KeyPair>
  getLocalRegistrationId(): Promise<number>
  isTrustedIdentity(): Promise<boolean>
  saveIdentity(): Promise<boolean>
  loadPreKey(): Promise<KeyPair | undefined>
  removePreKey(): Promise<void>
  loadSession(address: string): Promise<string | undefined>
  storeSession(address: string, record: string): Promise<void>
  loadSignedPreKey(): Promise<KeyPair | undefined>
}
type Address = object
interface SessionCipher {
  encrypt(content: ArrayBufferLike): Promise<{ readonly type: number; readonly body?: string }>
  decryptPreKeyWhisperMessage(body: string, encoding: 'binary'): Promise<ArrayBuffer>
  decryptWhisperMessage(body: string, encoding: 'binary'): Promise<ArrayBuffer>
}
interface Bundle {
  readonly identityKey: ArrayBuffer
  readonly registrationId: number
  readonly preKey: { readonly keyId: number; readonly publicKey: ArrayBuffer }
  readonly signedPreKey: {
    readonly keyId: number
    readonly publicKey: ArrayBuffer
    readonly signature: ArrayBuffer
  }
}
interface Libsignal {
  readonly KeyHelper: {
    generateIdentityKeyPair(): Promise<KeyPair>
    generateRegistrationId(): number
    generatePreKey(id: number): Promise<Prekey>
    generateSignedPreKey(identity: KeyPair, id: number): Promise<SignedPrekey>
  }
  readonly SignalProtocolAddress: new (name: string, device: number) => Address
  readonly SessionBuilder: new (
    storage: Storage,
    address: Address
  ) => { processPreKey(bundle: Bundle): Promise<unknown> }
  readonly SessionCipher: new (storage: Storage, address: Address) => SessionCipher
}

const PREKEY = 1
const DEVICE = 1

interface Person {
  readonly address: Address
  readonly storage: Storage
  readonly bundle: Bundle
}

async function makePerson(lib: Libsignal, name: string): Promise<Person> {
  const identity = await lib.KeyHelper.generateIdentityKeyPair()
  const registrationId = lib.KeyHelper.generateRegistrationId()
  const prekey = await lib.KeyHelper.generatePreKey(PREKEY)
  const signedPrekey = await lib.KeyHelper.generateSignedPreKey(identity, PREKEY)
  const sessions = new Map<string, string>()
  return {
    address: new lib.SignalProtocolAddress(name, DEVICE),
    storage: {
      getIdentityKeyPair: () => Promise.resolve(identity),
      getLocalRegistrationId: () => Promise.resolve(registrationId),
      isTrustedIdentity: () => Promise.resolve(true),
      saveIdentity: () => Promise.resolve(false),
      loadPreKey: () => Promise.resolve(prekey.keyPair),
      removePreKey: () => Promise.resolve(),
      loadSession: (address) => Promise.resolve(sessions.get(address)),
      storeSession(address, record) {
        sessions.set(address, record)
        return Promise.resolve()
      },
      loadSignedPreKey: () => Promise.resolve(signedPrekey.keyPair)
    },
    bundle: {
      identityKey: identity.pubKey,
      registrationId,
      preKey: { keyId: PREKEY, publicKey: prekey.keyPair.pubKey },
      signedPreKey: {
        keyId: PREKEY,
        publicKey: signedPrekey.keyPair.pubKey,
        signature: signedPrekey.signature
      }
    }
  }
}

/** Its cryptography is WebCrypto, which Node has, and Curve25519 in asm.js: the defaults its documentation describes. */
export async function loadLibsignalTypescript(): Promise<Subject> {
  const lib = await loadPeer<Libsignal>('@privacyresearch/libsignal-protocol-typescript')
  return { makeStrangers: () => makeStrangers(lib) }
}

async function makeStrangers(lib: Libsignal): Promise<Strangers> {
  const [alice, bob] = [await makePerson(lib, 'alice'), await makePerson(lib, 'bob')]
  const ciphers = [
    new lib.SessionCipher(alice.storage, bob.address),
    new lib.SessionCipher(bob.storage, alice.address)
  ] as const
  const encrypt = async (from: Side, content: Uint8Array): Promise<string> => {
    const { body } = await ciphers[from].encrypt(content.slice().buffer)
    if (body === undefined) throw new Error('A ciphertext has a body')
    return body
  }
  const pair: Pair = {
    encrypt,
    decrypt: async (to, message) =>
      new Uint8Array(await ciphers[to].decryptWhisperMessage(textOf(message), 'binary'))
  }
  return {
    async meet() {
      await new lib.SessionBuilder(alice.storage, bob.address).processPreKey(bob.bundle)
      await ciphers[1].decryptPreKeyWhisperMessage(await encrypt(0, GREETING), 'binary')
      await pair.decrypt(0, await encrypt(1, GREETING))
      return pair
    }
  }
}
