import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { qrColumns, qrLines, qrModules, qrPicture } from '../../src/cli/qr.js'
import { readQrPicture } from '../../src/cli/picture.js'
import { isMessengerError } from '../../src/index.js'
import { graphemes } from '../../src/cli/terminal/width.js'

/** As long as a short card, in the letters of base64url. */
const LINK = `hallig:${'aB3-x_Zq7'.repeat(32)}`

/** What is dark on a terminal that draws such lines: what is drawn, if there are colours, else what is not. */
function modulesOf(lines: readonly string[], colours: boolean): boolean[][] {
  return lines.flatMap((line) => {
    const blocks = graphemes(stripVTControlCharacters(line))
    return ['█▀', '█▄'].map((drawn) => blocks.map((block) => drawn.includes(block) === colours))
  })
}

describe('a QR code', () => {
  it('has a quiet zone of four modules on every side', () => {
    const modules = qrModules(LINK)
    const edge = [...modules.slice(0, 4), ...modules.slice(-4)].flat()
    assert.ok(edge.every((dark) => !dark))
    assert.ok(modules.every((row) => ![...row.slice(0, 4), ...row.slice(-4)].includes(true)))
  })

  it('of a short card fits a terminal of 80 columns', () => {
    assert.ok(qrColumns(qrModules(LINK)) <= 80)
  })

  it('reads back from the picture', () => {
    assert.equal(readQrPicture(qrPicture(qrModules(LINK))), LINK)
  })

  it('of a full card reads back from the picture', () => {
    const full = `hallig:${'xY5_'.repeat(600)}`
    assert.equal(readQrPicture(qrPicture(qrModules(full))), full)
  })

  it('draws two modules to a character, black on white where there are colours', () => {
    const modules = [
      [true, true, false, false],
      [true, false, true, false]
    ]
    assert.deepEqual(qrLines(modules, true), ['\u001b[38;5;16;48;5;231m█▀▄ \u001b[0m'])
    assert.deepEqual(qrLines(modules, false), [' ▄▀█'])
  })

  it('reads back from what a terminal shows', () => {
    const [drawn, light] = [qrLines(qrModules(LINK), true), qrLines(qrModules(LINK), false)]
    assert.equal(readQrPicture(qrPicture(modulesOf(drawn, true))), LINK)
    assert.equal(readQrPicture(qrPicture(modulesOf(light, false))), LINK)
  })

  it('draws a light row below an odd last row', () => {
    assert.deepEqual(qrLines([[true, false]], true), ['\u001b[38;5;16;48;5;231m▀ \u001b[0m'])
  })

  it('refuses what no code can hold', () => {
    assert.throws(
      () => qrModules('x'.repeat(4000)),
      (error) => isMessengerError(error, 'TOO_LARGE')
    )
  })
})
