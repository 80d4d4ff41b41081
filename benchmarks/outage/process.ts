import { createMessenger, type Message } from '../../src/index.js'
import { monotonic } from '../harness/monotonic.js'
import { serve, type Commands } from '../harness/serve.js'
import { parcelFile } from './parcel-file.js'

/** Longest wait for what is missing, ms. */
const PATIENCE = 120_000

/** A node with its store on disk, that finds nobody by itself. */
const [path = '', networkName = ''] = process.argv.slice(2)
const messenger = await createMessenger({
  path,
  network: { name: networkName, lan: false, listen: ['/ip4/127.0.0.1/tcp/0'] }
})
const greeted = new Promise<Message>((resolve) => {
  messenger.addEventListener(
    'message:receive',
    ({ detail }) => {
      resolve(detail)
    },
    { once: true }
  )
})

/** Write to the node of this card; resolves when it has answered. */
async function meet(card: string): Promise<void> {
  const { conversationId } = await messenger.contacts.add(card)
  await messenger.send(conversationId, 'Hello')
  await greeted
}

async function answerGreeting(): Promise<void> {
  const { conversationId } = await greeted
  await messenger.send(conversationId, 'Hello')
}

async function envelopes(): Promise<number> {
  return (await messenger.status()).mailbox.envelopes
}

/** Start again and link up: ms until as many envelopes are here, and stored, as `received` says. */
async function heal(address: string, received: number): Promise<number> {
  await messenger.start()
  let left = received
  const start = monotonic()
  const healed = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${String(left)} of ${String(received)} envelopes did not come`))
    }, PATIENCE)
    messenger.addEventListener('sync:complete', ({ detail }) => {
      left -= detail.received
      if (left > 0) return
      clearTimeout(timer)
      resolve(monotonic() - start)
    })
  })
  await messenger.dial(address)
  return await healed
}

const commands: Commands = {
  card: () => messenger.identity.card({ size: 'full' }),
  address: async () => (await messenger.status()).addresses[0],
  meet: async (card) => {
    await meet(String(card))
    return undefined
  },
  answerGreeting: async () => {
    await answerGreeting()
    return undefined
  },
  stop: async () => {
    await messenger.stop()
    return undefined
  },
  envelopes: () => envelopes(),
  put: async (seed, first, count, day, days) => {
    const file = parcelFile(
      networkName,
      String(seed),
      Number(first),
      Number(count),
      Number(day),
      Number(days)
    )
    const { taken } = await messenger.importParcels(file)
    return taken
  },
  heal: (address, received) => heal(String(address), Number(received))
}
serve(commands, () => messenger.close())
