import { readFile, writeFile } from 'node:fs/promises'
import { createMessenger, type Messenger } from '../../src/index.js'

const name = (directory: string): string => `${directory}/foreign.parcels`

/** Writes a file with what somebody has for somebody else. */
export async function writeForeign(directory: string): Promise<void> {
  const [somebody, other] = await Promise.all(
    ['a', 'b'].map((store) => createMessenger({ path: `${directory}/${store}`, start: false }))
  )
  if (somebody === undefined || other === undefined) throw new Error('Two messengers were asked for')
  const { conversationId } = await somebody.contacts.add(await other.identity.card({ size: 'full' }))
  await somebody.send(conversationId, 'hello')
  const pieces: Uint8Array[] = []
  await somebody.exportParcels(async (all) => {
    for await (const piece of all) pieces.push(piece)
  })
  await writeFile(name(directory), Buffer.concat(pieces))
  await Promise.all([somebody.close(), other.close()])
}

/** Takes it in: that none of it is for this messenger is known only when the tags of all sessions are. */
export async function takeForeign(messenger: Messenger, directory: string): Promise<void> {
  const { read, opened } = await messenger.importParcels([await readFile(name(directory))])
  if (read === 0 || opened > 0) throw new Error('Envelopes for somebody else were expected')
}
