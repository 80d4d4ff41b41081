import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Animation } from './animated-qr.js'
import type { Call } from './call.js'
import { fileError } from './file-error.js'
import { pause, untilInterrupted } from './interruption.js'
import { qrColumns, qrLines, qrModules, qrPicture } from './qr.js'
import type { Frame } from './terminal/frame.js'
import { openScreen, type Size } from './terminal/screen.js'
import { truncate } from './terminal/width.js'

/** ms a frame is shown: a phone takes thirty pictures a second, and some of them while the screen changes. */
const FRAME_TIME = 160
/** Bytes of a fragment, the largest that fits first: fewer frames against smaller modules. */
const FRAGMENTS = [400, 300, 240, 200, 160, 128, 96, 80, 64, 48, 32, 24]
/** Bytes of a fragment in pictures, which are read from files, and seldom from a bad camera. */
const PICTURE_FRAGMENT = 200
/** How many times the frames that are enough are written: of four times as many, four in ten may be lost. */
const REDUNDANCY = 4
/** Light modules around a code on a screen: fewer than on paper, as the terminal is small. */
const SCREEN_QUIET_ZONE = 2
/** Rows below the code. */
const CAPTION_ROWS = 1

type Animate = (fragment: number) => Animation

/** What somebody could have filmed. */
export interface Shown {
  readonly frames: number
  /** How many are enough if none is lost. */
  readonly needed: number
}

/**
 * Show frames one after the other until a key is pressed, `signal` or Ctrl-C; from the first again when the terminal gets another size that takes
 * other frames. `undefined` if the terminal is too small for any.
 */
export async function showAnimation(call: Call, animate: Animate): Promise<Shown | undefined> {
  const { stdin, stdout } = call.surroundings
  const size = (): Size => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 })
  const first = fittingFragment(animate, size())
  if (first === undefined) return undefined
  let fitting: number | undefined = first
  let fragment = first
  let animation = animate(fragment)
  let frames = 0
  /** What was shown before the window became another size, if that was enough. */
  let before: Shown | undefined
  const shown = (): Shown => ({ frames, needed: animation.fragments })
  /** The next screenful. */
  const draw = (): Frame => {
    const { columns } = size()
    if (fitting === undefined)
      return {
        lines: [truncate('Too small for a QR code: enlarge it', columns)],
        cursor: { row: 0, column: 0 }
      }
    const lines = qrLines(qrModules(animation.next(), 'low', SCREEN_QUIET_ZONE), true)
    frames++
    const caption = captionOf(frames, animation.fragments, fragment === FRAGMENTS[0], columns)
    return { lines: [...lines, caption], cursor: { row: lines.length, column: 0 } }
  }
  return await untilInterrupted(async (interrupted) => {
    const pressed = new AbortController()
    const screen = openScreen(stdin, stdout, {
      key: () => {
        pressed.abort()
      },
      resize: () => {
        fitting = fittingFragment(animate, size())
        if (fitting === undefined || fitting === fragment) return
        if (frames >= animation.fragments) before = shown()
        fragment = fitting
        animation = animate(fragment)
        frames = 0
      }
    })
    const signal = AbortSignal.any([interrupted, pressed.signal])
    try {
      while (!signal.aborted) {
        const frame = draw()
        screen.show(() => frame)
        await pause(FRAME_TIME, signal)
      }
    } finally {
      screen.close()
    }
    return before ?? shown()
  })
}

/** Seconds that so many frames are shown. */
export function secondsOf(frames: number): string {
  return `${String(Math.ceil((frames * FRAME_TIME) / 1_000))} s`
}

function captionOf(frames: number, needed: number, isLargest: boolean, columns: number): string {
  const hint = isLargest ? '' : '; fewer in a larger window'
  const whole = `frame ${String(frames)} of at least ${String(needed)}, ${secondsOf(needed)}; any key ends${hint}`
  return truncate(whole, columns)
}

/** Write frames as pictures into a folder, which is made if need be. Resolves with how many. */
export async function writeAnimation(folder: string, animate: Animate): Promise<number> {
  const animation = animate(PICTURE_FRAGMENT)
  const count = animation.fragments * REDUNDANCY
  const digits = String(count).length
  try {
    await mkdir(folder, { recursive: true })
    for (let number = 1; number <= count; number++) {
      const name = `frame-${String(number).padStart(digits, '0')}.png`
      await writeFile(join(folder, name), qrPicture(qrModules(animation.next())))
    }
  } catch (error) {
    throw fileError('write', folder, error)
  }
  return count
}

/** Frames as lines of text. */
export function animationLines(animate: Animate): string[] {
  const animation = animate(PICTURE_FRAGMENT)
  return Array.from({ length: animation.fragments * REDUNDANCY }, () => animation.next())
}

/** The largest fragment whose frames fit on a screen. */
function fittingFragment(animate: Animate, size: Size): number | undefined {
  return FRAGMENTS.find((bytes) => fits(animate(bytes), size))
}

function fits(animation: Animation, { columns, rows }: Size): boolean {
  // A later frame names a longer number: some room is left for that.
  const side = qrColumns(qrModules(`${animation.next()}00000`, 'low', SCREEN_QUIET_ZONE))
  return side <= columns && Math.ceil(side / 2) + CAPTION_ROWS <= rows
}
