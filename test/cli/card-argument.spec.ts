import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { readCardArgument } from '../../src/cli/card-argument.js'
import { qrModules, qrPicture } from '../../src/cli/qr.js'

const LINK = 'hallig:abcDEF123'
const nothing = Readable.from([])

describe('the card argument', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-card-'))
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  after(() => rmSync(directory, { recursive: true }))

  it('is a link, also one that was broken over lines', async () => {
    assert.equal(await readCardArgument(LINK, nothing), LINK)
    assert.equal(await readCardArgument(' hallig:abc\n DEF123\n', nothing), LINK)
  })

  it('is a picture of a link', async () => {
    assert.equal(await readCardArgument(file('card.png', qrPicture(qrModules(LINK))), nothing), LINK)
  })

  it('is a file with a link', async () => {
    assert.equal(await readCardArgument(file('card.txt', `${LINK}\n`), nothing), LINK)
  })

  it('is either, through stdin', async () => {
    assert.equal(await readCardArgument('-', Readable.from(['hallig:abc', 'DEF123\n'])), LINK)
    assert.equal(await readCardArgument('-', Readable.from([qrPicture(qrModules(LINK))])), LINK)
  })

  it('is refused with a sentence if it is nothing of these', async () => {
    await assert.rejects(readCardArgument(join(directory, 'none'), nothing), {
      code: 'PICTURE_UNREADABLE',
      message: /neither a card link .* nor a readable file/
    })
    await assert.rejects(readCardArgument(directory, nothing), { code: 'PICTURE_UNREADABLE' })
  })

  it('is not read for ever', async () => {
    const chunk = new Uint8Array(8 * 1024 * 1024)
    const endless = Readable.from(
      (function* () {
        for (;;) yield chunk
      })()
    )
    await assert.rejects(readCardArgument('-', endless), { message: /too large/ })
  })
})
