import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { parseObject } from './settings.js'
import { clockText } from './time-text.js'

/** The command that has the store open, so that a second one can say who is in its way. */
export interface Holder {
  readonly command: string
  readonly pid: number
  /** Epoch ms. */
  readonly since: number
}

/** Who has the store, for a sentence. */
export interface HolderName {
  /** The command, if it left a note. */
  readonly command: string | undefined
  /** As a sentence begins with it. */
  readonly sentence: string
}

/** Who has the store, as far as it can be told. */
export async function holderName(directory: string): Promise<HolderName> {
  const holder = await readHolder(directory)
  if (holder === undefined) return { command: undefined, sentence: 'Another process' }
  const { command, pid, since } = holder
  return { command, sentence: `\`hallig ${command}\` (process ${String(pid)}, since ${clockText(since)})` }
}

/** Note down that this process has the store open. Only a courtesy: the store's own lock decides. */
export async function writeHolder(directory: string, command: string, now: number): Promise<void> {
  const holder: Holder = { command, pid: process.pid, since: now }
  try {
    // One that a killed command of another user left cannot be written over, but be taken away.
    await rm(holderFile(directory), { force: true })
    await writeFile(holderFile(directory), JSON.stringify(holder), { mode: 0o600 })
  } catch {
    // Then nobody is named, as where somebody else has the store.
  }
}

/** Take the note away again. */
export async function removeHolder(directory: string): Promise<void> {
  try {
    await rm(holderFile(directory), { force: true })
  } catch {
    // It could not be written either, or names a process that is gone.
  }
}

/** Who has the store open, as far as it left a note. */
export async function readHolder(directory: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = await readFile(holderFile(directory), 'utf8')
  } catch {
    // No note, or none we may read: then nobody is named.
    return undefined
  }
  const { command, pid, since } = parseObject(text) ?? {}
  if (typeof command !== 'string' || typeof pid !== 'number' || typeof since !== 'number') return undefined
  return { command, pid, since }
}

function holderFile(directory: string): string {
  return join(directory, 'running.json')
}
