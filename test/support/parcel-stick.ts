import type {
  ExportOptions,
  ExportReport,
  ImportOptions,
  ImportReport
} from '../../src/messenger/messenger.js'
import type { Messenger } from '../../src/messenger/messenger.js'
import { beginWriting, endWriting, writeFrame } from '../../src/protocol/sync/parcel-file.js'

/** What somebody carries in a pocket: the file of an export, in one piece. */
export interface Stick {
  readonly file: Uint8Array
  readonly report: ExportReport
}

/** Export to a file in memory. */
export async function exportStick(
  from: Pick<Messenger, 'exportParcels'>,
  options?: ExportOptions
): Promise<Stick> {
  const pieces: Uint8Array[] = []
  const report = await from.exportParcels(async (source) => {
    for await (const piece of source) pieces.push(piece)
  }, options)
  return { file: Buffer.concat(pieces), report }
}

/** Import a file in memory, in pieces of this size. */
export async function importStick(
  to: Pick<Messenger, 'importParcels'>,
  file: Uint8Array,
  options?: ImportOptions,
  size = 4096
): Promise<ImportReport> {
  const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, n) =>
    file.subarray(n * size, (n + 1) * size)
  )
  return await to.importParcels(pieces, options)
}

/** A file in memory with these envelopes, so many in a frame, for a network. */
export function stickWith(networkName: string, envelopes: readonly Uint8Array[], inFrame = 1): Uint8Array {
  let { writer, bytes } = beginWriting(networkName)
  const pieces = [bytes]
  for (let n = 0; n < envelopes.length; n += inFrame) {
    const given = envelopes.slice(n, n + inFrame).map((envelope) => ({ number: 0, envelope }))
    ;({ writer, bytes } = writeFrame(writer, { kind: 'give', given }))
    pieces.push(bytes)
  }
  return Buffer.concat([...pieces, endWriting(writer)])
}
