import assert from 'node:assert/strict'
import type { RandomSource } from '../../../src/crypto/random.js'
import { StorePlace } from '../../../src/messenger/continuity/store-place.js'
import type { StoreMark } from '../../../src/platform/platform.js'
import type { ContinuityRecord } from '../../../src/storage/records/continuity-record.js'
import { UNBROKEN } from '../../../src/storage/records/continuity-record.js'
import { seededRandom } from '../../support/store-random.js'

/** A file system with one mark. */
class Disk {
  mark: StoreMark | undefined
  lost = false
  #time = 0

  readMark(): Promise<StoreMark | undefined> {
    return Promise.resolve(this.mark)
  }

  hasLost(): Promise<boolean> {
    return Promise.resolve(this.lost)
  }

  async forgetLost(): Promise<void> {
    await Promise.resolve()
    this.lost = false
  }

  writeMark(_: string, text: string): Promise<StoreMark | undefined> {
    this.mark = { text, file: '1:2:3', changed: String(++this.#time) }
    return Promise.resolve(this.mark)
  }
}

describe('messenger/store-place', () => {
  let disk: Disk
  let place: StorePlace
  let random: RandomSource
  let record: ContinuityRecord
  let updates: Partial<ContinuityRecord>[]

  beforeEach(async () => {
    disk = new Disk()
    random = seededRandom('place')
    place = new StorePlace(disk, '/store', random)
    record = UNBROKEN
    updates = []
    await mark()
  })

  /** A mark that was written is pending no more. */
  function remember(change: Partial<ContinuityRecord>): void {
    const { pending, ...known } = record
    const kept = pending === undefined || change.mark !== undefined ? {} : { pending }
    record = { ...known, ...kept, ...change }
  }

  async function mark(until = Infinity): Promise<void> {
    await place.renew(record.pending, (change) => {
      updates.push(change)
      if (updates.length > until) return Promise.reject(new Error('the power is gone'))
      remember(change)
      return Promise.resolve()
    })
  }

  it('is another where the database has lost a part of it, marked or not', async () => {
    disk.lost = true
    assert.equal(await place.findChange(record), 'damaged')
    assert.equal(await place.findChange(UNBROKEN), 'damaged')
    // What has to be renewed is durable before the place is marked anew.
    await mark()
    assert.equal(await place.findChange(record), undefined)
  })

  it('is the same until its mark is another, has changed, or is gone', async () => {
    assert.equal(await place.findChange(record), undefined)
    const kept = disk.mark
    assert.ok(kept !== undefined)
    for (const other of [
      { ...kept, file: '1:9:3' },
      { ...kept, changed: '99' },
      { ...kept, text: 'older' },
      undefined
    ]) {
      disk.mark = other
      assert.equal(await place.findChange(record), 'copied', JSON.stringify(other))
    }
    disk.mark = kept
    assert.equal(await place.findChange(record), undefined)
  })

  it('is another for a copy that was made before the mark was last renewed', async () => {
    const old = { record, mark: disk.mark }
    await mark()
    assert.equal(await place.findChange(old.record), 'copied')
    disk.mark = old.mark
    assert.equal(await place.findChange(record), 'copied')
  })

  it('is the same after a crash between the mark and the record of it', async () => {
    const before = updates.length
    await assert.rejects(mark(before + 1))
    assert.notEqual(disk.mark?.text, record.mark?.text)
    assert.equal(await place.findChange(record), undefined)
  })

  it('is the same wherever two ends in a row come in the midst of marking it', async () => {
    // Of the three steps of a mark each may fail before it is done, or be the last that was.
    const ends = [0, 1, 2].flatMap((step) => [false, true].map((isDone) => ({ step, isDone })))
    const kept = { record, mark: disk.mark }
    const endsIn = async ({ step, isDone }: (typeof ends)[number]): Promise<void> => {
      let taken = 0
      const take = async <T>(act: () => Promise<T>): Promise<T> => {
        const isLast = taken++ === step
        if (isLast && !isDone) throw new Error('the power is gone')
        const result = await act()
        if (isLast) throw new Error('the power is gone')
        return result
      }
      const ending = new StorePlace(
        {
          readMark: () => disk.readMark(),
          hasLost: () => disk.hasLost(),
          forgetLost: () => disk.forgetLost(),
          writeMark: (directory, text) => take(() => disk.writeMark(directory, text))
        },
        '/store',
        random
      )
      const marking = ending.renew(record.pending, (change) =>
        take(() => {
          remember(change)
          return Promise.resolve()
        })
      )
      await assert.rejects(marking, /the power is gone/)
    }
    for (const first of ends)
      for (const second of ends) {
        record = kept.record
        disk.mark = kept.mark
        for (const end of [first, second]) {
          await endsIn(end)
          assert.equal(await place.findChange(record), undefined, JSON.stringify({ first, second }))
        }
        const found = disk.mark
        disk.mark = found && { ...found, text: 'another' }
        assert.equal(await place.findChange(record), 'copied')
      }
  })

  it('is not asked after where it was never marked, or there are no directories', async () => {
    disk.mark = undefined
    assert.equal(await place.findChange(UNBROKEN), undefined)
    const nowhere = new StorePlace(disk, undefined, seededRandom('nowhere'))
    assert.equal(await nowhere.findChange(record), undefined)
    await nowhere.renew(undefined, () => Promise.reject(new Error('nothing to remember')))
    assert.equal(disk.mark, undefined)
  })
})
