import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../harness/monotonic.js'
import { serve, type Commands } from '../harness/serve.js'
import { openHalligParty } from './hallig-party.js'
import { numberedText } from './numbered-text.js'
import type { Party, PartyEvents } from './party.js'
import { openRawParty } from './raw-party.js'
import { Tally } from './tally.js'

/** Longest wait for the last message, ms. */
const PATIENCE = 60_000

const [subject = '', directory = ''] = process.argv.slice(2)
const arrivals = new Tally()
const receipts = new Tally()
const party = await openParty({
  onArrival: (text) => {
    arrivals.note(text)
  },
  onReceipt: (text) => {
    receipts.note(text)
  }
})

async function openParty(events: PartyEvents): Promise<Party> {
  switch (subject) {
    case 'raw-signed':
      return await openRawParty(true, events)
    case 'raw-unsigned':
      return await openRawParty(false, events)
    case 'hallig-memory':
      return await openHalligParty(undefined, events)
    case 'hallig-durable':
      return await openHalligParty(directory, events)
    default:
      throw new Error(`No subject ${subject}`)
  }
}

function texts(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => numberedText(first + index))
}

/**
 * Send as fast as possible with `width` messages under way, that is not sent yet or, where there are receipts, not confirmed yet. The
 * time before the first one.
 */
async function flood(first: number, count: number, width: number, isConfirmed: boolean): Promise<number> {
  const pending = texts(first, count).entries()
  receipts.expect(first, count)
  const start = monotonic()
  const lane = async (): Promise<void> => {
    for (const [index, text] of pending) {
      await party.send(text)
      if (isConfirmed) await receipts.of(index)
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  return start
}

/** Send one message every `interval` ms, whatever became of those before; the time before each. */
async function pace(first: number, count: number, interval: number): Promise<number[]> {
  const start = monotonic()
  const times: number[] = []
  const sends: Promise<void>[] = []
  for (const [index, text] of texts(first, count).entries()) {
    const wait = start + index * interval - monotonic()
    if (wait > 0) await sleep(wait)
    times.push(monotonic())
    sends.push(party.send(text))
  }
  await Promise.all(sends)
  return times
}

const commands: Commands = {
  invitation: () => party.invitation(),
  meet: async (invitation) => {
    await party.meet(String(invitation))
    return undefined
  },
  expect: (first, count) => {
    arrivals.expect(Number(first), Number(count))
    return undefined
  },
  arrivals: () => arrivals.times(PATIENCE),
  receipts: () => receipts.times(PATIENCE),
  flood: (first, count, width, isConfirmed) =>
    flood(Number(first), Number(count), Number(width), isConfirmed === 1),
  pace: (first, count, interval) => pace(Number(first), Number(count), Number(interval)),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
}
serve(commands, () => party.close())
