import { performance } from 'node:perf_hooks'
import { Level } from 'level'
import { createMessenger } from '../../src/index.js'
import { heapBytes } from '../harness/heap.js'
import { serve, type Commands } from '../harness/serve.js'
import { parcelFile, sealedNoise } from '../outage/parcel-file.js'

const DAY_MS = 86_400_000
const NETWORK = 'bench'
const SEED = 'mailbox'
/** Days that the envelopes expire on. */
const DAYS = 7
/** Envelopes that both subjects write at once: half a megabyte, what the import of a file takes in with one commit. */
const BATCH = 1_024

/** The day after today, so that nothing expires meanwhile. */
function firstDay(): number {
  return Math.floor(Date.now() / DAY_MS) + 1
}

/** Have a messenger take in `count` envelopes of others: seconds until all are stored durably. */
async function fill(path: string, count: number): Promise<number> {
  const messenger = await createMessenger({ path, start: false, network: { name: NETWORK } })
  // Made before: what the file is made of is no matter here.
  const pieces = [...parcelFile(NETWORK, SEED, 0, count, firstDay(), DAYS)]
  const start = performance.now()
  const { taken } = await messenger.importParcels(pieces)
  const elapsed = performance.now() - start
  if (taken !== count) throw new Error(`${String(taken)} of ${String(count)} envelopes were taken`)
  await messenger.close()
  return elapsed / 1000
}

/** Put the same bytes into a database, just as they are: seconds until all are durable. */
async function fillLevel(path: string, count: number): Promise<number> {
  const database = new Level<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await database.open()
  const puts = Array.from({ length: count }, (_, number) => {
    const value = sealedNoise(`${SEED} ${String(number)}`, firstDay() + (number % DAYS))
    return { type: 'put', key: String(number).padStart(8, '0'), value } as const
  })
  const start = performance.now()
  for (let done = 0; done < count; done += BATCH)
    await database.batch(puts.slice(done, done + BATCH), { sync: true })
  const elapsed = performance.now() - start
  await database.close()
  return elapsed / 1000
}

/** Open a store: ms until the messenger is there, bytes of memory in use then, and how many envelopes it knows. */
async function open(path: string): Promise<readonly number[]> {
  const start = performance.now()
  const messenger = await createMessenger({ path, start: false, network: { name: NETWORK } })
  const elapsed = performance.now() - start
  const memory = heapBytes()
  const { envelopes } = (await messenger.status()).mailbox
  await messenger.close()
  return [elapsed, memory, envelopes]
}

/** Read all that was put, as who kept no index would have to: ms. */
async function readLevel(path: string): Promise<number> {
  const start = performance.now()
  const database = new Level<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await database.open()
  let bytes = 0
  for await (const [, value] of database.iterator()) bytes += value.length
  const elapsed = performance.now() - start
  await database.close()
  if (bytes === 0) throw new Error('Nothing was read')
  return elapsed
}

const commands: Commands = {
  fill: (path, count) => fill(String(path), Number(count)),
  fillLevel: (path, count) => fillLevel(String(path), Number(count)),
  open: (path) => open(String(path)),
  readLevel: (path) => readLevel(String(path))
}
serve(commands, () => Promise.resolve())
