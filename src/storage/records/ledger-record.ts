import { LEDGER_SLOTS, type Ledger } from '../../protocol/delivery/ledger.js'
import { readList, recordCodec, writeList } from './record-codec.js'

/** What was sent within the last hour, kept so that a restart gives nobody a new budget. */
export const ledgerRecord = recordCodec<Ledger>(
  'ledger',
  1,
  (writer, { minute, slots }) => {
    writer.u64(minute)
    writeList(writer, slots, (bytes) => writer.u64(bytes))
  },
  (reader) => {
    const minute = reader.u64()
    return { minute, slots: readList(reader, () => reader.u64()).slice(0, LEDGER_SLOTS) }
  }
)
