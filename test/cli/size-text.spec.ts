import assert from 'node:assert/strict'
import { sizeText } from '../../src/cli/size-text.js'

describe('cli/size-text', () => {
  it('says bytes as people read them', () => {
    const said = [0, 512, 1023, 1024, 1536, 10 * 1024, 256 * 1024 ** 2, 1.5 * 1024 ** 3, 5000 * 1024 ** 3]
    assert.deepEqual(said.map(sizeText), [
      '0 bytes',
      '512 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 KiB',
      '10 KiB',
      '256 MiB',
      '1.5 GiB',
      '5000 GiB'
    ])
  })
})
