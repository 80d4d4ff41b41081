import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { createMessenger } from '../../src/index.js'
import { encodeIdentityId, type IdentityId } from '../../src/codec/ids.js'
import { TagIndex } from '../../src/messenger/receive/tag-index.js'
import { Turns } from '../../src/messenger/turns.js'
import { systemClock, systemRandom } from '../../src/platform/system.js'
import { expectedRuns } from '../../src/protocol/ratchet/expected-tags.js'
import { chainTag } from '../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { heapBytes } from '../harness/heap.js'
import { serve, type Commands } from '../harness/serve.js'
import { fillStore } from './fill-store.js'
import { takeForeign, writeForeign } from './foreign.js'
import { makeSession, type Course } from './sessions.js'

/** Looks at the index in one measurement. */
const LOOKUPS = 60_000
/** Of these, those that are not measured. */
const WARM_UP = 10_000
const TAG_BYTES = 16
/** ms between two looks at the event loop. */
const RESOLUTION = 1
const NANOSECONDS = 1e6

const storeIn = (directory: string): string => `${directory}/store`

function courseOf(text: string | number | undefined): Course {
  return text === 'grown' ? 'grown' : 'alternating'
}

/** The index of `count` sessions, and what it takes: µs of a tag that is known, of one that is not, MB. */
async function lookUp(count: number, course: Course): Promise<readonly number[]> {
  const sessions = Array.from({ length: count }, () => makeSession(course))
  const contacts = sessions.map(() => encodeIdentityId(systemRandom(20)))
  const before = heapBytes()
  const index = await indexOf(sessions, contacts)
  const megabytes = (heapBytes() - before) / 1e6
  const known = Array.from({ length: LOOKUPS }, () => tagOf(sessions))
  const unknown = Array.from({ length: LOOKUPS }, () => systemRandom(TAG_BYTES))
  const hit = timed(known, (tag) => index.find(tag)?.kind === 'expected')
  const miss = timed(unknown, (tag) => index.find(tag) === undefined)
  return [hit, miss, megabytes]
}

async function indexOf(sessions: readonly Session[], contacts: readonly IdentityId[]): Promise<TagIndex> {
  const index = new TagIndex()
  index.gather()
  for (const [at, session] of sessions.entries()) {
    const contact = contacts[at]
    if (contact !== undefined) index.update(contact, [], [session])
  }
  await index.complete(new Turns(systemClock))
  return index
}

/** A tag that one of the sessions waits for. */
function tagOf(sessions: readonly Session[]): Uint8Array {
  const session = sessions[Math.floor(Math.random() * sessions.length)]
  const runs = session === undefined ? [] : expectedRuns(session)
  const run = runs[Math.floor(Math.random() * runs.length)]
  if (run === undefined) throw new Error('Every session waits for messages')
  return chainTag(run.tagKey, run.from + Math.floor(Math.random() * (run.to - run.from)))
}

/** µs of the processor's time that one look takes once it is compiled: what else runs on the machine is no matter. */
function timed(tags: readonly Uint8Array[], isRight: (tag: Uint8Array) => boolean): number {
  const look = (from: number, to: number): void => {
    for (const tag of tags.slice(from, to)) if (!isRight(tag)) throw new Error('The index is wrong')
  }
  look(0, WARM_UP)
  const before = process.cpuUsage()
  look(WARM_UP, tags.length)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (tags.length - WARM_UP)
}

/**
 * Opens a filled store: ms until the messenger is there, until it can tell whose any envelope is, and of the processor's time until then; and the longest
 * time nothing else could run.
 */
async function open(directory: string): Promise<readonly number[]> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  const before = process.cpuUsage()
  const start = performance.now()
  const messenger = await createMessenger({ path: storeIn(directory), start: false })
  const opened = performance.now() - start
  await takeForeign(messenger, directory)
  const completed = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  delay.disable()
  await messenger.close()
  return [opened, completed, (user + system) / 1000, delay.max / NANOSECONDS]
}

const commands: Commands = {
  lookUp: (count, course) => lookUp(Number(count), courseOf(course)),
  fill: async (directory, count, course) => {
    await writeForeign(String(directory))
    await fillStore(storeIn(String(directory)), Number(count), courseOf(course))
    return undefined
  },
  open: (directory) => open(String(directory))
}
serve(commands, () => Promise.resolve())
