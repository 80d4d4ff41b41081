import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Call } from './call.js'
import { CommandError } from './command-error.js'
import { countText } from './count-text.js'
import { fileError } from './file-error.js'
import { pictureKind, readQrPicture } from './picture.js'
import type { ProgressLine } from './progress-line.js'

/** Largest picture or list of frames, bytes. */
const MAX_FILE = 64 * 1024 * 1024

/**
 * Read frames until they are enough: pictures, folders of pictures, files with a frame a line, `-` for such lines on
 * stdin. Throws `FRAMES_MISSING`.
 */
export async function collectFrames(
  call: Call,
  paths: readonly string[],
  progress: ProgressLine
): Promise<Uint8Array> {
  const { FrameCollector } = await import('./animated-qr.js')
  const collector = new FrameCollector()
  let readable = 0
  let unreadable = 0
  for await (const text of frameTexts(call, paths)) {
    if (text !== undefined && collector.add(text)) readable++
    else unreadable++
    if (collector.result !== undefined) return collector.result
    progress.show(() => `${countText(collector.frames, 'frame')} read, ${percent(collector.share)}`)
  }
  throw new CommandError('FRAMES_MISSING', missing(collector, readable, unreadable))
}

/** The text of each frame; `undefined` for a picture in which none could be read. */
async function* frameTexts(call: Call, paths: readonly string[]): AsyncGenerator<string | undefined> {
  for (const path of paths) {
    if (path === '-') {
      yield* linesIn(await textOf(call.surroundings.stdin))
      continue
    }
    for (const file of await filesAt(path)) {
      const bytes = await readBounded(file)
      if (pictureKind(bytes) === 'none') yield* linesIn(new TextDecoder().decode(bytes))
      else yield textIn(bytes)
    }
  }
}

function linesIn(text: string): string[] {
  return text.split(/\s+/).filter((line) => line !== '')
}

function textIn(picture: Uint8Array): string | undefined {
  try {
    return readQrPicture(picture)
  } catch (error) {
    if (error instanceof CommandError && error.code === 'PICTURE_UNREADABLE') return undefined
    throw error
  }
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(path, name))
      .sort()
  } catch (error) {
    throw fileError('read', path, error)
  }
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > MAX_FILE)
      throw new CommandError('FILE_UNREADABLE', `${file} is too large to be a picture of a QR code`)
    return await readFile(file)
  } catch (error) {
    throw fileError('read', file, error)
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of stream) {
    text += piece instanceof Uint8Array ? decoder.decode(piece, { stream: true }) : String(piece)
    if (text.length > MAX_FILE)
      throw new CommandError('FILE_UNREADABLE', 'There is more on stdin than frames can be')
  }
  return text + decoder.decode()
}

function missing(
  { frames, share }: { readonly frames: number; readonly share: number },
  readable: number,
  unreadable: number
): string {
  const seen = `${String(readable)} pictures or lines held a frame, ${String(unreadable)} none`
  if (frames === 0) return `No frames of \`hallig export --qr\` were found (${seen})`
  const different = `${countText(frames, 'different frame')}, about ${percent(share)} of what is needed`
  return `The frames are not enough yet: ${different} (${seen}). Take more pictures while the codes change, and give all of them`
}

function percent(share: number): string {
  return `${String(Math.floor(share * 100))} %`
}
