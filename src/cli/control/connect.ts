import { connect, type Socket } from 'node:net'
import { decode, encode } from 'it-length-prefixed'
import { parseIdentityId } from '../../library.js'
import { DistantMessenger } from './distant-messenger.js'
import { MAX_HOLDER_FRAME } from './frame.js'
import { decodeWelcome, encodeHello, type Hello, type Welcome } from './hello.js'
import { withSocketPath } from './socket-place.js'

/** What became of a hello. */
export type Connection =
  | { readonly kind: 'connected'; readonly messenger: DistantMessenger }
  /** Nobody listens. */
  | { readonly kind: 'nobody' }
  | Exclude<Welcome, { readonly kind: 'welcome' }>

/** Say hello to whoever has the store of a directory. */
export async function connectToHolder(
  directory: string,
  platform: NodeJS.Platform,
  hello: Hello,
  lost: () => Error
): Promise<Connection> {
  const socket = await openSocket(directory, platform)
  if (socket === undefined) return { kind: 'nobody' }
  const frames = decode(socket, { maxDataLength: MAX_HOLDER_FRAME })
  socket.write(encode.single(encodeHello(hello)).subarray())
  const welcome = await firstOf(frames)
  if (welcome?.kind === 'welcome') {
    const id = parseIdentityId(welcome.id)
    if (id !== undefined)
      return {
        kind: 'connected',
        messenger: new DistantMessenger(socket, frames, { id, name: welcome.name }, lost)
      }
  }
  socket.destroy()
  return welcome === undefined || welcome.kind === 'welcome' ? { kind: 'nobody' } : welcome
}

async function firstOf(frames: ReturnType<typeof decode>): Promise<Welcome | undefined> {
  try {
    const first = await frames.next()
    return first.done === true ? undefined : decodeWelcome(first.value.subarray())
  } catch {
    // It ended in between.
    return undefined
  }
}

async function openSocket(directory: string, platform: NodeJS.Platform): Promise<Socket | undefined> {
  try {
    return await withSocketPath(directory, platform, async (path) => {
      const socket = connect(path)
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.once('connect', resolve)
      })
      // What becomes of it is told by its end.
      socket.on('error', () => undefined)
      return socket
    })
  } catch {
    // No socket, or one that a killed command left.
    return undefined
  }
}
