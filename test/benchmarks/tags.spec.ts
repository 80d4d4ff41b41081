import assert from 'node:assert/strict'
import { withDirectory } from '../../benchmarks/harness/temporary.js'
import { fillStore } from '../../benchmarks/tags/fill-store.js'
import { makeSession } from '../../benchmarks/tags/sessions.js'
import { createMessenger } from '../../src/index.js'
import { NEXT_TAG_WINDOW, TAG_WINDOW } from '../../src/protocol/limits.js'
import { expectedRuns } from '../../src/protocol/ratchet/expected-tags.js'

describe('the benchmark of tags', () => {
  it('has sessions with the windows of a conversation in turns, and of a long run of messages', () => {
    const widths = (['alternating', 'grown'] as const).map((course) =>
      expectedRuns(makeSession(course)).map(({ from, to }) => to - from)
    )
    assert.deepEqual(widths, [
      [NEXT_TAG_WINDOW, NEXT_TAG_WINDOW],
      [TAG_WINDOW, NEXT_TAG_WINDOW]
    ])
  })

  it('fills a store that a messenger opens with all its contacts', async () => {
    await withDirectory(async (directory) => {
      const path = `${directory}/filled`
      await fillStore(path, 3, 'alternating')
      const messenger = await createMessenger({ path, start: false })
      assert.equal((await messenger.contacts.list()).length, 3)
      await messenger.close()
    })
  })
})
