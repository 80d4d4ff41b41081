import { generateDhKeyPair } from '../../src/crypto/dh.js'
import type { RandomSource } from '../../src/crypto/random.js'
import { ownRecord } from '../../src/storage/records/own-record.js'
import { openSealedStore } from '../../src/storage/sealed-store.js'
import { createDisk, type Disk } from '../../src/simulator/disk.js'
import { PERSON_KEY, type Person } from '../../src/simulator/person.js'

/** A store for somebody with this person's signing key and nothing else of it: a second device, or a thief's. */
export async function twinOf(person: Person, random: RandomSource): Promise<Disk> {
  const unlock = { kind: 'key', key: PERSON_KEY } as const
  const original = await openSealedStore(person.store, { unlock, random })
  const stored = await original.get('own/identity')
  if (stored === undefined) throw new Error(`${person.name} has no identity`)
  const own = ownRecord.decode(stored)
  const store = createDisk()
  const sealed = await openSealedStore(store, { unlock, random })
  const identity = { ...own.identity, dh: generateDhKeyPair(random), incarnation: random(16) }
  await sealed.commit([{ type: 'put', key: 'own/identity', value: ownRecord.encode({ ...own, identity }) }])
  return store
}
