import assert from 'node:assert/strict'
import { allSentences, numberIn, textOf } from '../../../examples/demo/texts.js'

describe('the texts', () => {
  it('name their number, and are all different', () => {
    const texts = Array.from({ length: 300 }, (_, index) => textOf(index + 1))
    assert.equal(new Set(texts).size, texts.length)
    texts.forEach((text, index) => {
      assert.equal(numberIn(text), index + 1)
    })
    assert.equal(numberIn('hello'), 0)
  })

  it('say nothing but the sentences that are looked for on the wire', () => {
    for (const number of [1, 8, 25, 199]) {
      let rest = textOf(number)
      for (const sentence of allSentences()) rest = rest.replaceAll(sentence, '')
      assert.equal(rest.trim(), `#${number}`)
    }
  })

  it('are sometimes long, so that envelopes of several sizes travel', () => {
    assert.ok(textOf(25).length > 512)
    assert.ok(textOf(26).length < 100)
  })
})
