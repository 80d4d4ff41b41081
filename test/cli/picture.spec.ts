import assert from 'node:assert/strict'
import { encode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { pictureKind, readQrPicture } from '../../src/cli/picture.js'
import { qrModules, qrPicture } from '../../src/cli/qr.js'

const LINK = `hallig:${'aB3-x_Zq7'.repeat(32)}`

interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Buffer
}

/** The picture of the link, turned by `degrees` and scaled, on a larger ground. */
function photographed(degrees: number, scale: number, ground = 230): Pixels {
  const source = PNG.sync.read(Buffer.from(qrPicture(qrModules(LINK))))
  const side = Math.round(source.width * scale * 1.5)
  const data = Buffer.alloc(side * side * 4, ground)
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [dx, dy] = [(x - side / 2) / scale, (y - side / 2) / scale]
      const sx = Math.floor(dx * cos + dy * sin + source.width / 2)
      const sy = Math.floor(dy * cos - dx * sin + source.height / 2)
      const inside = sx >= 0 && sy >= 0 && sx < source.width && sy < source.height
      const value = inside ? (source.data[(sy * source.width + sx) * 4] ?? 0) : ground
      data.fill(value, (y * side + x) * 4, (y * side + x) * 4 + 3)
      data[(y * side + x) * 4 + 3] = 255
    }
  }
  return { width: side, height: side, data }
}

function png({ width, height, data }: Pixels): Uint8Array {
  const picture = new PNG({ width, height })
  picture.data = data
  return PNG.sync.write(picture)
}

describe('reading a card from a picture', () => {
  for (const [degrees, scale] of [
    [0, 0.4],
    [7, 0.7],
    [90, 1],
    [160, 0.9]
  ] as const) {
    it(`finds the code turned by ${String(degrees)} degrees and scaled to ${String(scale)}`, () => {
      assert.equal(readQrPicture(png(photographed(degrees, scale))), LINK)
    })
  }

  it('reads a JPEG', () => {
    assert.equal(readQrPicture(encode(photographed(5, 0.8), 60).data), LINK)
  })

  it('reads a code drawn light on dark', () => {
    const { width, height, data } = photographed(0, 0.6, 255)
    const flipped = Buffer.from(data.map((value, index) => (index % 4 === 3 ? value : 255 - value)))
    assert.equal(readQrPicture(png({ width, height, data: flipped })), LINK)
  })

  it('reads a code on a transparent ground', () => {
    const { width, height, data } = photographed(0, 0.6, 255)
    for (let index = 0; index < data.length; index += 4) {
      if ((data[index] ?? 0) > 128) data.fill(0, index, index + 4)
    }
    assert.equal(readQrPicture(png({ width, height, data })), LINK)
  })

  it('says so when there is no code', () => {
    const blank = { width: 50, height: 50, data: Buffer.alloc(10_000, 200) }
    assert.throws(() => readQrPicture(png(blank)), { code: 'PICTURE_UNREADABLE', message: /No QR code/ })
  })

  it('says so when the picture is damaged', () => {
    const whole = png(photographed(0, 0.5))
    assert.throws(() => readQrPicture(whole.subarray(0, 500)), { code: 'PICTURE_UNREADABLE' })
    assert.throws(() => readQrPicture(whole.subarray(0, 10)), { code: 'PICTURE_UNREADABLE' })
    assert.throws(() => readQrPicture(new Uint8Array([0xff, 0xd8, 0xff, 1])), { code: 'PICTURE_UNREADABLE' })
  })

  it('refuses a small file that claims to be enormous', () => {
    const header = png({ width: 1, height: 1, data: Buffer.alloc(4) })
    new DataView(header.buffer, header.byteOffset).setUint32(16, 1 << 20)
    new DataView(header.buffer, header.byteOffset).setUint32(20, 1 << 20)
    assert.throws(() => readQrPicture(header), { message: /megapixels/ })
  })

  it('tells PNG, JPEG and other bytes apart', () => {
    assert.equal(pictureKind(new Uint8Array([0x89, 0x50, 0x4e, 0x47])), 'png')
    assert.equal(pictureKind(new Uint8Array([0xff, 0xd8, 0xff, 0xe0])), 'jpeg')
    assert.equal(pictureKind(new TextEncoder().encode('hallig:x')), 'none')
  })
})
