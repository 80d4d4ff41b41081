import { decode as decodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import { decodeQR } from 'qr/decode.js'
import { CommandError } from './command-error.js'

/** Pixels of a picture, four bytes each. */
interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Megapixels a picture may have: more than phones take, and 400 MB decoded. */
const MAX_MEGAPIXELS = 100

/** Time for harder looks at a blurred picture, in ms: somebody is waiting, once. */
const EFFORT_TIME = 3000

/** What kind of picture the bytes are, by their first bytes. */
export function pictureKind(bytes: Uint8Array): 'png' | 'jpeg' | 'none' {
  const starts = (...magic: number[]): boolean => magic.every((byte, index) => bytes[index] === byte)
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'png'
  return starts(0xff, 0xd8, 0xff) ? 'jpeg' : 'none'
}

/** The text of the QR code in a PNG or JPEG picture. Throws `PICTURE_UNREADABLE`. */
export function readQrPicture(bytes: Uint8Array): string {
  const pixels = decodePicture(bytes)
  try {
    return decodeQR(pixels, { format: 'RGBA', effort: 8, timeLimit: EFFORT_TIME })
  } catch (error) {
    throw new CommandError(
      'PICTURE_UNREADABLE',
      'No QR code could be read in this picture; try a sharper or larger one',
      { cause: error }
    )
  }
}

function decodePicture(bytes: Uint8Array): Pixels {
  try {
    return onWhite(pictureKind(bytes) === 'png' ? decodePng(bytes) : decodeJpegPixels(bytes))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError('PICTURE_UNREADABLE', 'This picture is damaged, or neither PNG nor JPEG', {
      cause: error
    })
  }
}

function decodePng(bytes: Uint8Array): Pixels {
  // The size stands in the first chunk; checking it there keeps a small file from claiming gigabytes.
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (header.getUint32(16) * header.getUint32(20) > MAX_MEGAPIXELS * 1e6) throw tooManyPixels()
  return PNG.sync.read(Buffer.from(bytes))
}

function decodeJpegPixels(bytes: Uint8Array): Pixels {
  return decodeJpeg(bytes, { useTArray: true, maxResolutionInMP: MAX_MEGAPIXELS, maxMemoryUsageInMB: 1024 })
}

function tooManyPixels(): CommandError {
  return new CommandError(
    'PICTURE_UNREADABLE',
    `This picture has more than ${String(MAX_MEGAPIXELS)} megapixels; crop it to the QR code`
  )
}

/** Transparent pixels as white: a code on a transparent ground is black on nothing. */
function onWhite({ width, height, data }: Pixels): Pixels {
  const flat = new Uint8Array(data.length)
  for (let index = 0; index < data.length; index += 4) {
    const alpha = data[index + 3] ?? 255
    for (let channel = index; channel < index + 3; channel++) {
      flat[channel] = 255 + Math.round((((data[channel] ?? 255) - 255) * alpha) / 255)
    }
    flat[index + 3] = 255
  }
  return { width, height, data: flat }
}
