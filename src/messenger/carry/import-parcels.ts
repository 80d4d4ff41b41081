import { member } from '../../codec/member.js'
import { isMessengerError, MessengerError } from '../../errors.js'
import { unlessAborted } from '../../on-abort.js'
import { FILE_BATCH, MAX_SYNC_FRAME, MIN_ENVELOPE_BYTES } from '../../protocol/limits.js'
import { beginReading, readOn, type FilePart, type FileRejection } from '../../protocol/sync/parcel-file.js'
import { isBytes } from '../../takes.js'
import type { Context } from '../context.js'
import type { Inbound } from '../receive/inbound.js'
import type { ImportOptions, ImportReport, ParcelSource } from '../messenger.js'

/** Who hands over what comes in files, as the mailbox counts it: nobody who is known, and all files together. */
const SOURCE = 'file'

const NOTHING: ImportReport = {
  bytes: 0,
  read: 0,
  taken: 0,
  known: 0,
  refused: 0,
  opened: 0,
  damaged: 0,
  complete: false
}

/** What an import works with. */
export interface ImportParts {
  readonly context: Pick<Context, 'networkName' | 'mailbox'>
  readonly inbound: Pick<Inbound, 'admit' | 'opened'>
  /** Resolves when everything that came was opened, and what could be opened only because of that. */
  settled(): Promise<void>
  /** Tells peers of what is new. */
  spread(envelopes: readonly Uint8Array[]): void
}

/** Take in a file, batch by batch. */
export async function importParcels(
  parts: ImportParts,
  source: ParcelSource,
  { signal, onProgress }: ImportOptions
): Promise<ImportReport> {
  const { context, inbound } = parts
  if (!isSource(source))
    throw new MessengerError(
      'OPTIONS_INVALID',
      'A file is a stream of its pieces; give one that is whole as [bytes]'
    )
  const openedBefore = inbound.opened
  let report = NOTHING
  let batch: Uint8Array[] = []
  let batchBytes = 0
  const admit = async (): Promise<void> => {
    if (signal?.aborted === true) throw aborted(signal)
    const envelopes = batch
    batch = []
    batchBytes = 0
    const { fresh, refused } = await inbound.admit(envelopes, SOURCE, { isPatient: true })
    parts.spread(fresh)
    report = counted(report, { read: envelopes.length, taken: fresh.length, refused })
    report = { ...report, opened: inbound.opened - openedBefore }
    onProgress?.(report)
  }
  for await (const { bytes, found } of readFile(untilAborted(source, signal), context.networkName)) {
    report = { ...report, bytes: report.bytes + bytes }
    for (const part of found) {
      report = noted(context, report, part)
      if (part.kind !== 'envelopes') continue
      // Copies: a batch must not keep the pieces it came in.
      for (const envelope of part.envelopes) {
        batch.push(envelope.slice())
        batchBytes += Math.max(envelope.length, MIN_ENVELOPE_BYTES)
        if (batchBytes >= FILE_BATCH) await admit()
      }
    }
  }
  await admit()
  await parts.settled()
  report = { ...report, opened: inbound.opened - openedBefore }
  onProgress?.(report)
  return report
}

function isSource(source: unknown): boolean {
  return [Symbol.asyncIterator, Symbol.iterator].some((name) => typeof member(source, name) === 'function')
}

/** What each piece of a file holds, with its bytes; rejects if it is no file of this network. */
async function* readFile(
  source: AsyncIterable<Uint8Array>,
  networkName: string
): AsyncGenerator<{ readonly bytes: number; readonly found: readonly FilePart[] }> {
  let reader = beginReading(networkName)
  for await (const piece of inPieces(source)) {
    const step = readOn(reader, piece)
    if (step.kind === 'rejected') throw rejection(step)
    reader = step.reader
    yield { bytes: piece.length, found: step.parts }
  }
  if (reader.phase === 'header') throw rejection({ kind: 'rejected', reason: 'not-a-file' })
}

function counted(report: ImportReport, more: Pick<ImportReport, 'read' | 'taken' | 'refused'>): ImportReport {
  return {
    ...report,
    read: report.read + more.read,
    taken: report.taken + more.taken,
    refused: report.refused + more.refused,
    known: report.known + more.read - more.taken - more.refused
  }
}

function noted(context: ImportParts['context'], report: ImportReport, part: FilePart): ImportReport {
  switch (part.kind) {
    case 'envelopes':
      return report
    case 'secrets':
      for (const secret of part.secrets) context.mailbox.purge(secret.slice())
      return report
    case 'damaged':
      return { ...report, damaged: report.damaged + 1 }
    case 'end':
      return { ...report, complete: part.isWhole }
  }
}

/** The pieces of a source until `signal` aborts, even while the source says nothing, or does not end: a stick that was pulled out holds up nobody. */
async function* untilAborted(
  source: ParcelSource,
  signal: AbortSignal | undefined
): AsyncGenerator<Uint8Array> {
  const pieces = (async function* () {
    yield* source
  })()
  try {
    for (;;) {
      const step = await unlessAborted(pieces.next(), signal, aborted)
      if (step.done === true) return
      if (!isBytes(step.value))
        throw new MessengerError(
          'OPTIONS_INVALID',
          'A file comes in pieces that are Uint8Arrays: give one that is whole as [bytes]'
        )
      yield step.value
    }
  } finally {
    const ended = pieces.return(undefined)
    // What hangs ends when it can, or never.
    if (signal?.aborted === true) ended.catch(() => undefined)
    else await unlessAborted(ended, signal, aborted)
  }
}

/** Pieces of about a frame, whatever the source gives; each is another's once the next is asked for, as those of a source may be. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const room = new Uint8Array(MAX_SYNC_FRAME)
  let bytes = 0
  for await (const piece of source) {
    for (let read = 0; read < piece.length;) {
      const part = piece.subarray(read, read + room.length - bytes)
      room.set(part, bytes)
      read += part.length
      bytes += part.length
      if (bytes < room.length) continue
      yield room
      bytes = 0
    }
  }
  if (bytes > 0) yield room.subarray(0, bytes)
}

function rejection({ reason }: FileRejection): MessengerError {
  switch (reason) {
    case 'not-a-file':
      return new MessengerError('FILE_INVALID', 'This is no file that Hallig exported; choose another')
    case 'unknown-version':
      return new MessengerError('FILE_TOO_NEW', 'A newer Hallig wrote this file; update this one to read it')
    case 'other-network':
      return new MessengerError(
        'FILE_OTHER_NETWORK',
        'This file is of another network; import it on a node of that one'
      )
  }
}

function aborted({ reason: cause }: AbortSignal): MessengerError {
  if (isMessengerError(cause, 'CLOSED')) return cause
  return new MessengerError('ABORTED', 'The import was aborted; what was read is kept', { cause })
}
