import { performance } from 'node:perf_hooks'
import { serve, type Commands } from '../harness/serve.js'
import { percentile } from '../harness/summary.js'
import { forgeJumps, jumpFar } from './jump.js'
import { contentOf, each, pace } from './pace.js'
import type { Pair, Side, Subject } from './subject.js'

/** One subject in a process of its own: what runs beside it could change how it is compiled, and licences differ. */
const [name = ''] = process.argv.slice(2)

async function load(): Promise<Subject> {
  switch (name) {
    case 'hallig':
    case 'hallig-noble':
      return (await import('./hallig.js')).hallig
    case 'libsignal-client':
      return await (await import('./libsignal-client.js')).loadLibsignalClient()
    case 'olm':
      return await (await import('./olm.js')).loadOlm()
    case 'libsignal-typescript':
      return await (await import('./libsignal-typescript.js')).loadLibsignalTypescript()
    case 'proteus':
      return await (await import('./proteus.js')).loadProteus()
    default:
      throw new RangeError(`No subject ${name}`)
  }
}

const loaded = load()
let met: Promise<Pair> | undefined

async function meet(): Promise<Pair> {
  const subject = await loaded
  const strangers = await subject.makeStrangers()
  return await strangers.meet()
}

/** The same pair in all rounds, so that its chains are as long as those of people who know each other. */
function pair(): Promise<Pair> {
  met ??= meet()
  return met
}

/** Median ms of `count` handshakes; what is published before them is not measured. */
async function handshake(count: number): Promise<number> {
  const subject = await loaded
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const strangers = await subject.makeStrangers()
    const start = performance.now()
    await strangers.meet()
    times.push(performance.now() - start)
  }
  return percentile(times, 0.5)
}

/** Bytes of a message with `length` bytes of content; it arrives. */
async function bytes(length: number): Promise<number> {
  const { encrypt, decrypt } = await pair()
  const message = await encrypt(0, contentOf(length))
  await decrypt(1, message)
  return message.length
}

async function codec(step: 'serialise' | 'parse', duration: number): Promise<number | undefined> {
  const run: ((side: Side) => void) | undefined = (await pair())[step]
  if (run === undefined) return undefined
  return each(() => {
    run(0)
  }, duration)
}

const commands: Commands = {
  inOrder: async (duration) => await pace(await pair(), false, Number(duration)),
  alternating: async (duration) => await pace(await pair(), true, Number(duration)),
  handshake: (count) => handshake(Number(count)),
  bytes: (length) => bytes(Number(length)),
  serialise: (duration) => codec('serialise', Number(duration)),
  parse: (duration) => codec('parse', Number(duration)),
  jumpFar: () => jumpFar(),
  forgeJumps: () => forgeJumps()
}
serve(commands, () => Promise.resolve())
