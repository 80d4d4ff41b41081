import assert from 'node:assert/strict'
import type { Store, Write } from '../../src/storage/store.js'
import { put, text } from './store-pairs.js'

/** Tables that every round writes to: what one use-case commits together. */
const TABLES = ['session', 'message', 'outbox', 'mailbox']

const padded = (round: number): string => String(round).padStart(8, '0')

/** The writes of one use-case. */
export function roundWrites(round: number): Write[] {
  return TABLES.map((table) =>
    put(`${table}/${padded(round)}`, `${table} of ${String(round)}: ${'x'.repeat(200)}`)
  )
}

/** Which rounds the store holds; fails if it holds a part of one, or a wrong value. */
export async function roundsIn(store: Store): Promise<Set<number>> {
  const rounds = await Promise.all(TABLES.map((table) => roundsOfTable(store, table)))
  const [first = new Set<number>()] = rounds
  for (const other of rounds) assert.deepEqual(other, first, 'a torn commit')
  return first
}

async function roundsOfTable(store: Store, table: string): Promise<Set<number>> {
  const rounds = new Set<number>()
  for await (const [key, bytes] of store.range({ gte: `${table}/`, lt: `${table}0` })) {
    const round = Number(key.slice(table.length + 1))
    assert.ok(text(bytes)?.startsWith(`${table} of ${String(round)}: `), key)
    rounds.add(round)
  }
  return rounds
}
