import type { IdentityId } from '../../codec/ids.js'
import { isMessengerError, MessengerError } from '../../errors.js'
import { unlessAborted } from '../../on-abort.js'
import { FILE_FRAME } from '../../protocol/limits.js'
import { givenBytes, SECRETS_PER_FRAME } from '../../protocol/sync/frames.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { compareItems, orderOf, shortIdKey, type Item } from '../../protocol/sync/item.js'
import {
  beginWriting,
  endWriting,
  FILE_FRAME_BYTES,
  FILE_RECORD_BYTES,
  writeFrame,
  type FileFrame,
  type FileWriter
} from '../../protocol/sync/parcel-file.js'
import { stateOf } from '../contacts/contacts.js'
import type { Context } from '../context.js'
import type { ExportOptions, ExportReport, ParcelSink } from '../messenger.js'

/** Secrets in a file: the newest that others are told unasked. */
const MAX_SECRETS = 4_096

/** Write a file of what is carried here: sealed envelopes in the order of reconciliation, so that nothing tells whose is which. */
export async function exportParcels(
  context: Context,
  sink: ParcelSink,
  options: ExportOptions
): Promise<ExportReport> {
  const { contactId, maxBytes, signal, onProgress } = options
  if (typeof sink !== 'function')
    throw new MessengerError('OPTIONS_INVALID', 'A file is written by a function that takes its pieces')
  if (contactId !== undefined) stateOf(context, contactId)
  if (maxBytes !== undefined && !(maxBytes >= 0))
    throw new MessengerError('OPTIONS_INVALID', 'The largest file is a number of bytes, 0 or more')
  const chosen = choose(context, contactId, maxBytes)
  const secrets = contactId === undefined && maxBytes === undefined ? arrivedSecrets(context) : []
  let whole: ExportReport | undefined
  let report: ExportReport = { envelopes: 0, bytes: 0, left: chosen.left }
  if (signal?.aborted === true) throw aborted(signal)
  const pieces = filePieces(context, chosen.items, secrets, signal, (envelopes, bytes, isEnd) => {
    report = { ...report, envelopes, bytes }
    if (isEnd) whole = report
    onProgress?.(report)
  })
  // A sink that takes no more, such as a stick that was pulled out, holds up nobody who aborts or closes.
  await unlessAborted(Promise.resolve(sink(pieces)), signal, aborted)
  if (whole === undefined)
    throw new MessengerError(
      'OPTIONS_INVALID',
      'The function that writes the file ended before it had taken all; have it return a promise that resolves when it has'
    )
  return report
}

async function* filePieces(
  context: Context,
  items: Iterable<Item>,
  secrets: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  onPiece: (envelopes: number, bytes: number, isEnd: boolean) => void
): AsyncGenerator<Uint8Array> {
  const begun = beginWriting(context.networkName)
  let writer: FileWriter = begun.writer
  let bytes = 0
  const told = (piece: Uint8Array, isEnd = false): Uint8Array => {
    if (signal?.aborted === true) throw aborted(signal)
    bytes += piece.length
    onPiece(writer.envelopes, bytes, isEnd)
    return piece
  }
  yield told(begun.bytes)
  for await (const frame of fileFrames(context, items, secrets)) {
    const written = writeFrame(writer, frame)
    writer = written.writer
    yield told(written.bytes)
  }
  yield told(endWriting(writer), true)
}

async function* fileFrames(
  context: Context,
  items: Iterable<Item>,
  secrets: readonly Uint8Array[]
): AsyncGenerator<FileFrame> {
  for (let start = 0; start < secrets.length; start += SECRETS_PER_FRAME)
    yield { kind: 'purge', secrets: secrets.slice(start, start + SECRETS_PER_FRAME) }
  let given: { readonly number: number; readonly envelope: Uint8Array }[] = []
  let bytes = 0
  for (const item of items) {
    const envelope = await context.mailbox.read(item)
    if (envelope === undefined) continue
    if (given.length > 0 && bytes + envelope.length > FILE_FRAME) {
      yield { kind: 'give', given }
      given = []
      bytes = 0
    }
    // Nothing was asked for by number.
    given.push({ number: 0, envelope })
    bytes += envelope.length
  }
  if (given.length > 0) yield { kind: 'give', given }
}

/** What is written, in the order of reconciliation. */
function choose(
  context: Context,
  contactId: IdentityId | undefined,
  maxBytes: number | undefined
): { readonly items: Iterable<Item>; readonly left: number } {
  if (maxBytes === undefined) {
    const items = contactId === undefined ? allItems(context) : sorted(itemsTo(context, contactId))
    return { items, left: 0 }
  }
  const wanted = contactId === undefined ? ownFirst(context) : itemsTo(context, contactId)
  const fitting: Item[] = []
  // The smallest envelope may begin a frame of its own.
  let room = maxBytes - FILE_FRAME_BYTES
  let left = 0
  for (const item of wanted) {
    const bytes = context.mailbox.bytesOf(item)
    if (bytes === 0) continue
    const share = givenBytes(bytes) + FILE_RECORD_BYTES + 1
    if (share > room) {
      left++
      continue
    }
    room -= share
    fitting.push(item)
  }
  return { items: sorted(fitting), left }
}

function sorted(items: readonly Item[]): Item[] {
  return [...items].sort(compareItems)
}

/** Everything, each found by the one before it: the mailbox changes meanwhile. */
function* allItems(context: Context): Generator<Item> {
  const { index } = context.mailbox
  for (let position = 0; position < index.size;) {
    const { day, id } = index.itemAt(position)
    const item = { day, id: id.slice() }
    yield item
    const at = index.rank({ order: orderOf(day), prefix: item.id })
    const isThere = at < index.size && compareItems(index.itemAt(at), item) === 0
    position = isThere ? at + 1 : at
  }
}

/** Own envelopes to a contact: receipts, then messages, the most pressing first and of those alike the newest. */
function itemsTo(context: Context, contactId: IdentityId): Item[] {
  const entries = [...context.outbox.of(contactId).values()].sort(
    (one, other) => other.rank - one.rank || other.number - one.number
  )
  const messages = entries.map(({ item }) => item).filter((item) => item !== undefined)
  return [...context.mailbox.ownTo(contactId), ...messages]
}

function* ownFirst(context: Context): Generator<Item> {
  const own = [...context.queue.states.keys()].map((contactId) => itemsTo(context, contactId))
  const known = new Set<string>()
  // In turns, so that one contact does not take all the room.
  for (let turn = 0; own.some((items) => turn < items.length); turn++) {
    for (const items of own) {
      const item = items[turn]
      if (item === undefined) continue
      known.add(shortIdKey(item.id))
      yield item
    }
  }
  for (const item of allItems(context)) if (!known.has(shortIdKey(item.id))) yield item
}

/** What others may know to have arrived, in an order that tells nothing. */
function arrivedSecrets(context: Context): readonly Uint8Array[] {
  return [...context.mailbox.purged.newsAfter(0, MAX_SECRETS).secrets].sort(compareBytes)
}

function aborted({ reason: cause }: AbortSignal): MessengerError {
  if (isMessengerError(cause, 'CLOSED')) return cause
  return new MessengerError('ABORTED', 'The export was aborted; what was written is no whole file', { cause })
}
