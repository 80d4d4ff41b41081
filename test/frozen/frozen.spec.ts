import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { frozenText, readFrozen, readFrozenText } from './frozen-file.js'
import { frozenFiles } from './frozen-files.js'

describe('the frozen vectors', () => {
  for (const file of frozenFiles) {
    it(`are what is made today: ${file.name}.json`, () => {
      const changed =
        'the wire format changed; see "Frozen vectors" in docs/protocol.md, then `npm run vectors`'
      assert.ok(frozenText(file) === readFrozenText(file), `${file.name}.json: ${changed}`)
    })

    for (const vector of readFrozen(file)) {
      it(`mean what they say: ${file.name}, ${vector.name}`, () => {
        file.consume(vector)
      })
    }
  }

  it('are all there is, each of a file with a name of its own', () => {
    const files = readdirSync('test/vectors').filter((name) => name.endsWith('.json'))
    assert.deepEqual(files.sort(), frozenFiles.map(({ name }) => `${name}.json`).sort())
  })
})
