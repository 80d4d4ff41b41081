import { isMessengerError, type Message, type Messenger } from '../../library.js'
import type { Call } from '../call.js'
import { countText } from '../count-text.js'
import { CommandError } from '../command-error.js'
import { holderName, type HolderName } from '../holder.js'
import { withMessenger } from '../with-messenger.js'
import type { Finding } from './finding.js'

export interface StoreLook {
  readonly findings: readonly Finding[]
  /** The last message of each conversation, where the store could be opened. */
  readonly received: readonly Message[]
  /** Whether another command has the store, and the ports with it. */
  readonly inUse: boolean
}

/** Whether the identity's store opens, and whether its key is kept from other users of this device. */
export async function lookAtStore(call: Call): Promise<StoreLook> {
  try {
    return await withMessenger(call, 'offline', async (messenger, { passphrase }, holder) => ({
      findings: [
        holder === undefined ? await describeStore(messenger) : describeHolder(holder),
        describeKey(passphrase)
      ],
      received: await lastReceived(messenger),
      inUse: holder !== undefined
    }))
  } catch (error) {
    const inUse = isMessengerError(error, 'STORE_LOCKED')
    const finding = inUse ? describeHolder(await holderName(call.options.directory)) : describeError(error)
    return { findings: [finding], received: [], inUse }
  }
}

async function describeStore(messenger: Messenger): Promise<Finding> {
  const { contacts, outbox } = await messenger.status()
  const sentence = `It opens: ${countText(contacts, 'contact')}, ${countText(outbox.messages, 'message')} not delivered yet.`
  return { what: 'Store', state: 'ok', sentence }
}

function describeHolder({ command }: HolderName): Finding {
  const who = command === undefined ? 'another program' : `\`hallig ${command}\``
  return { what: 'Store', state: 'ok', sentence: `It is in use by ${who}, so it works.` }
}

function describeError(error: unknown): Finding {
  const missing = error instanceof CommandError && error.code !== 'SETTINGS_DAMAGED'
  const sentence = `${error instanceof Error ? error.message : String(error)}.`
  return { what: 'Store', state: missing ? 'warning' : 'failure', sentence }
}

async function lastReceived(messenger: Messenger): Promise<Message[]> {
  const conversations = await messenger.conversations.list()
  return conversations
    .map(({ lastMessage }) => lastMessage)
    .filter((message) => message !== undefined)
    .filter(({ own }) => !own)
}

/** A key file that others can read would not have opened the store. */
function describeKey(passphrase: boolean): Finding {
  const sentence = passphrase
    ? 'A passphrase opens the store; without it nobody can.'
    : 'A key file opens the store, and only you can read it. Who takes the whole device has both.'
  return { what: 'Key', state: 'ok', sentence }
}
