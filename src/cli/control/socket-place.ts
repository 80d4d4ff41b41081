import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Longest path that a socket may have everywhere, bytes: 104 on macOS with the zero at its end. */
const MAX_SOCKET_PATH = 103

/** Make a place for the socket of a directory, for its owner alone: whoever cannot enter it cannot connect, whatever the umask. */
export async function makeSocketPlace(directory: string, platform: NodeJS.Platform): Promise<void> {
  // One that a killed command left, with a socket at which nobody listens.
  await removeSocketPlace(directory)
  await mkdir(folderOf(directory), { mode: 0o700 })
  // Pipes of Windows have one space of names for everybody: nobody else can be there first under one that nobody can guess.
  if (platform === 'win32')
    await writeFile(socketIn(folderOf(directory)), `\\\\.\\pipe\\hallig-${randomUUID()}`)
}

export async function removeSocketPlace(directory: string): Promise<void> {
  await rm(folderOf(directory), { recursive: true, force: true })
}

/** Use the path of a directory's socket; by a detour where it is too long for a socket. */
export async function withSocketPath<Result>(
  directory: string,
  platform: NodeJS.Platform,
  use: (path: string) => Promise<Result>
): Promise<Result> {
  const path = socketIn(folderOf(directory))
  if (platform === 'win32') return await use(await readFile(path, 'utf8'))
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return await use(path)
  const detour = await mkdtemp(join(tmpdir(), 'hallig-'))
  try {
    await symlink(resolve(folderOf(directory)), join(detour, 'd'))
    return await use(socketIn(join(detour, 'd')))
  } finally {
    await rm(detour, { recursive: true, force: true })
  }
}

function folderOf(directory: string): string {
  return join(directory, 'control')
}

function socketIn(folder: string): string {
  return join(folder, 'socket')
}
