import { readFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { CommandError } from './command-error.js'
import { pictureKind, readQrPicture } from './picture.js'

/** Bytes read from a file or pipe at most: a large photo, and an end to an endless pipe. */
const MAX_INPUT = 64 * 1024 * 1024

/** The card link that `hallig add` was given: as text, as a file holding the text or a picture of it, or either through a pipe. */
export async function readCardArgument(argument: string, stdin: Readable): Promise<string> {
  if (argument === '-') return linkIn(await readAll(stdin))
  if (/^\s*hallig:/i.test(argument)) return withoutSpace(argument)
  const bytes = await readInput(argument)
  return linkIn(bytes)
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_INPUT) throw new CommandError('PICTURE_UNREADABLE', `${path} is too large to be a card`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      'PICTURE_UNREADABLE',
      `'${path}' is neither a card link (hallig:…) nor a readable file with one; check the spelling`,
      { cause: error }
    )
  }
}

async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
    length += bytes.length
    if (length > MAX_INPUT)
      throw new CommandError('PICTURE_UNREADABLE', 'The input is too large to be a card')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function linkIn(bytes: Uint8Array): string {
  if (pictureKind(bytes) !== 'none') return readQrPicture(bytes)
  return withoutSpace(new TextDecoder().decode(bytes))
}

/** Links get broken over lines by mail and terminals; no link contains white space. */
function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '')
}
