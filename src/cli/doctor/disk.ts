import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Finding } from './finding.js'
import { sizeText } from '../size-text.js'

const MEBIBYTE = 2 ** 20
/** Less free space than this and the store will soon refuse messages. */
const LITTLE_BYTES = 50 * MEBIBYTE
/** Less than this and the mailbox cannot hold what it may hold for others. */
const SCANT_BYTES = 512 * MEBIBYTE
/** File systems in memory, by the magic numbers of Linux (statfs(2)): gone with the power. */
const MEMORY_FILE_SYSTEMS = [0x01_02_19_94, 0x85_84_58_f6]
const SYNCED_WRITES = 9
/** A disk that confirms a synced write faster than this has not written it anywhere. */
const IMPLAUSIBLE_MS = 0.02
/** One that takes longer makes sending slow. */
const SLOW_MS = 50

/** The disk of a directory that exists: room, kind, and whether it keeps what it says it keeps. */
export async function lookAtDisk(directory: string): Promise<Finding[]> {
  try {
    const { bavail, bsize, type } = await statfs(directory)
    const left = room(bavail * bsize)
    // Nothing can be measured on a full disk, and that it is full says all.
    if (left.state === 'failure') return [left]
    return [left, await durability(directory, MEMORY_FILE_SYSTEMS.includes(type))]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [
      {
        what: 'Disk',
        state: 'failure',
        sentence: `${directory} cannot be written (${reason}): mend that; another place, chosen with --dir, has another identity.`
      }
    ]
  }
}

/** How much room is left. */
export function room(bytes: number): Finding {
  const what = 'Disk'
  const left = `${sizeText(bytes)} are free`
  if (bytes < LITTLE_BYTES)
    return { what, state: 'failure', sentence: `Only ${left}: delete something, or messages are refused.` }
  if (bytes < SCANT_BYTES) {
    const sentence = `Only ${left}: enough for your messages, but not for carrying many of others.`
    return { what, state: 'warning', sentence }
  }
  return { what, state: 'ok', sentence: `${left}.` }
}

/** Whether a confirmed message survives a power cut, as far as times tell. */
export function syncing(milliseconds: number, inMemory: boolean): Finding {
  const what = 'Durability'
  if (inMemory) {
    const sentence =
      'This directory lies in memory: everything is gone when the power goes. Choose a disk with --dir.'
    return { what, state: 'warning', sentence }
  }
  const time = `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`
  if (milliseconds < IMPLAUSIBLE_MS) {
    const sentence = `The disk says "written" after ${time}, which no disk can: a power cut may cost the last messages.`
    return { what, state: 'warning', sentence }
  }
  if (milliseconds > SLOW_MS) {
    const sentence = `The disk takes ${time} to keep something for good: everything works, slowly.`
    return { what, state: 'warning', sentence }
  }
  return { what, state: 'ok', sentence: `The disk keeps a message for good within ${time}.` }
}

async function durability(directory: string, inMemory: boolean): Promise<Finding> {
  const name = join(directory, `doctor-${String(process.pid)}.tmp`)
  const file = await open(name, 'w', 0o600)
  try {
    const times: number[] = []
    for (let count = 0; count < SYNCED_WRITES; count++) {
      const began = performance.now()
      await file.write(Buffer.alloc(512, count))
      await file.datasync()
      times.push(performance.now() - began)
    }
    return syncing(median(times), inMemory)
  } finally {
    await file.close()
    await rm(name, { force: true })
  }
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}
