import type { MessageStatus } from 'hallig'

/** A message as one side keeps it. */
export interface Entry {
  readonly id: string
  readonly position: string
  readonly own: boolean
  readonly status: MessageStatus
  readonly text: string
  /** Counted by the author from 1. */
  readonly number: number
}

/** One of the two in a conversation, what lies in that one's store, and how many messages it was to write. */
export interface Side {
  readonly name: string
  readonly entries: readonly Entry[]
  readonly wanted: number
}

/** How the messages of one author fared. */
export interface Fate {
  readonly written: number
  readonly delivered: number
  readonly read: number
  readonly lost: number
  readonly duplicates: number
  readonly outOfOrder: number
}

/** How one author's messages fared, by the author's own history and that of the reader. */
export function fateOf(author: readonly Entry[], reader: readonly Entry[]): Fate {
  const written = author.filter(({ own }) => own)
  const got = reader.filter(({ own }) => !own)
  const distinct = new Map(got.map((entry) => [entry.number, entry]))
  const isRead = ({ status }: Entry): boolean => status === 'read'
  const isDelivered = (entry: Entry): boolean => isRead(entry) || entry.status === 'delivered'
  return {
    written: written.length,
    delivered: written.filter((entry) => isDelivered(entry) && sameMessage(entry, distinct.get(entry.number)))
      .length,
    read: written.filter(isRead).length,
    lost: written.filter(({ number }) => !distinct.has(number)).length,
    duplicates: got.length - distinct.size,
    outOfOrder: countOutOfOrder(got.map(({ number }) => number))
  }
}

/** What is wrong with a conversation, in sentences; each message must be there once, in order, and known to be delivered. */
export function findFaults(one: Side, other: Side): string[] {
  return [...faultsOf(one, other), ...faultsOf(other, one), ...differences(one, other)]
}

function faultsOf({ name: author, entries, wanted }: Side, reader: Side): string[] {
  const fate = fateOf(entries, reader.entries)
  const faults: string[] = []
  if (fate.written !== wanted) faults.push(`${author} wrote ${fate.written} messages instead of ${wanted}`)
  if (fate.lost > 0) faults.push(`${fate.lost} messages of ${author} are lost`)
  if (fate.delivered < fate.written - fate.lost) {
    faults.push(
      `${fate.written - fate.lost - fate.delivered} messages of ${author} are not known to be delivered`
    )
  }
  if (fate.duplicates > 0) faults.push(`${fate.duplicates} messages of ${author} are there twice`)
  if (fate.outOfOrder > 0) faults.push(`${fate.outOfOrder} messages of ${author} are out of order`)
  return faults
}

/** Both sides must show the same conversation: the same messages at the same positions. */
function differences(one: Side, other: Side): string[] {
  if (one.entries.length !== other.entries.length)
    return [`${one.name} has ${one.entries.length} messages and ${other.name} has ${other.entries.length}`]
  const index = one.entries.findIndex(
    (entry, at) => entry.position !== other.entries[at]?.position || !sameMessage(entry, other.entries[at])
  )
  return index < 0
    ? []
    : [`The histories of ${one.name} and ${other.name} differ from message ${index + 1} on`]
}

function sameMessage(one: Entry, other: Entry | undefined): boolean {
  return one.id === other?.id && one.text === other.text
}

/** How many numbers follow a larger one. */
function countOutOfOrder(numbers: readonly number[]): number {
  let largest = 0
  let count = 0
  for (const number of numbers) {
    if (number < largest) count += 1
    largest = Math.max(largest, number)
  }
  return count
}

/** How many numbers occur for the second, third… time. */
export function countRepeats(numbers: readonly number[]): number {
  return numbers.length - new Set(numbers).size
}
