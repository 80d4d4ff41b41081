/** A messenger that keeps everything in a store of your own: here one file of JSON lines, encrypted under a passphrase. */
import { createMessenger, groupCommit, isMessengerError } from 'hallig'
import { openJsonLinesStore } from './json-lines-store.js'

const [path = './letters.jsonl', passphrase = 'the tide comes twice a day'] = process.argv.slice(2)

try {
  // Many use-cases share one write to the disk.
  const store = groupCommit(await openJsonLinesStore(path))
  const messenger = await createMessenger({ store, unlock: { kind: 'passphrase', passphrase }, start: false })
  console.log('Identity', messenger.identity.id, 'lives in', path)
  console.log('Card', await messenger.identity.card())
  // Closes the store, too.
  await messenger.close()
} catch (error) {
  if (isMessengerError(error, 'WRONG_KEY'))
    console.error('This is not the passphrase that the store was made with.')
  else if (isMessengerError(error, 'STORE_LOCKED')) console.error('Another messenger has this store open.')
  else throw error
  process.exitCode = 1
}
