import { encodeQR } from 'qr'
import { PNG } from 'pngjs'
import { MessengerError } from '../library.js'

/** Modules of light margin that ISO/IEC 18004 asks for around a symbol. */
const QUIET_ZONE = 4

/** Pixels per module of a picture: a dense full card still comes out sharp on paper. */
const PICTURE_SCALE = 8

/** The modules of the QR code of `text`, quiet zone included; true is dark. */
export function qrModules(
  text: string,
  ecc: 'low' | 'medium' = 'low',
  quietZone: number = QUIET_ZONE
): boolean[][] {
  try {
    return encodeQR(text, 'raw', { ecc, border: quietZone })
  } catch (error) {
    throw new MessengerError('TOO_LARGE', 'This card does not fit into a QR code; share the link as text', {
      cause: error
    })
  }
}

/**
 * The code as terminal lines, two modules to a character. With colours it is black on white whatever the terminal's
 * own colours are; without, light modules are drawn, which is right on a dark terminal (most readers take either).
 */
export function qrLines(modules: readonly (readonly boolean[])[], colours: boolean): string[] {
  const lines: string[] = []
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? []
    const lower = modules[row + 1] ?? upper.map(() => false)
    const blocks = upper.map((dark, column) =>
      halfBlock(dark === colours, (lower[column] ?? false) === colours)
    )
    // 16 and 231 are the fixed black and white of the 256-colour cube: themes leave them alone.
    lines.push(colours ? `\u001b[38;5;16;48;5;231m${blocks.join('')}\u001b[0m` : blocks.join(''))
  }
  return lines
}

/** Columns the drawn code takes. */
export function qrColumns(modules: readonly (readonly boolean[])[]): number {
  return modules.length
}

/** The code as a PNG picture. */
export function qrPicture(modules: readonly (readonly boolean[])[]): Uint8Array {
  const side = modules.length * PICTURE_SCALE
  const pixels = new Uint8Array(side * side)
  for (let y = 0; y < side; y++) {
    const row = modules[Math.floor(y / PICTURE_SCALE)] ?? []
    for (let x = 0; x < side; x++)
      pixels[y * side + x] = row[Math.floor(x / PICTURE_SCALE)] === true ? 0 : 255
  }
  const png = new PNG({ width: side, height: side })
  png.data = Buffer.from(pixels)
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false })
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀'
  return lower ? '▄' : ' '
}
