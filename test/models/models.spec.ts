import assert from 'node:assert/strict'
import { models } from './all.js'

describe('any history', function () {
  this.timeout(60_000)

  for (const model of models) {
    it(`of the model ${model.name}: ${model.proves}`, async () => {
      // The same ones every time; a deep run takes others.
      await model.check({ numRuns: model.usual, seed: 1 })
    })
  }

  it('is a whole of the deep run, whose parts add up', () => {
    assert.equal(
      models.reduce((sum, { share }) => sum + share, 0),
      1000
    )
  })
})
