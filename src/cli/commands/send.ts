import type { Readable } from 'node:stream'
import { Option, type Command } from 'commander'
import type { Contact, Message, Messenger, Priority } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { CONTACT_ARGUMENT, contactName, findContact } from '../contact-argument.js'
import { watchDelivery } from '../delivery-wait.js'
import { waitOption } from '../global-options.js'
import { untilInterrupted } from '../interruption.js'
import { messageRecord } from '../message-text.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** Characters read from stdin at most; far above what a message may hold, whose limit the library knows. */
const MAX_STDIN = 1024 * 1024

interface SendFlags {
  readonly wait: number
  readonly priority: Priority
}

/** `hallig send`: one message, and how far it came. */
export function registerSend(program: Command, surroundings: Surroundings): void {
  program
    .command('send')
    .description('send a message; while nobody is in reach it waits here, and leaves with a later command')
    .argument('<contact>', CONTACT_ARGUMENT)
    .argument('<text...>', 'the message, or - to read it from stdin')
    .addOption(waitOption('how long to wait for the delivery', 5))
    .addOption(
      new Option(
        '--priority <priority>',
        'how pressing it is: an emergency goes before everything else, also when time or room is short'
      )
        .choices(['routine', 'urgent', 'emergency'])
        .default('routine')
    )
    .action(async (wanted: string, words: readonly string[], flags: SendFlags, command: Command) => {
      const call = callOf(command, surroundings)
      const text =
        words.length === 1 && words[0] === '-' ? await readText(surroundings.stdin) : words.join(' ')
      if (text.trim() === '') throw new CommandError('USAGE', 'The message is empty; nothing was sent')
      await withMessenger(call, 'online', async (messenger) => {
        await send(call, messenger, await findContact(messenger, wanted), text, flags)
      })
    })
}

async function send(
  call: Call,
  messenger: Messenger,
  contact: Contact,
  text: string,
  { wait, priority }: SendFlags
): Promise<void> {
  const watch = watchDelivery(messenger)
  try {
    const message = await messenger.send(contact.conversationId, text, { priority })
    await untilInterrupted(async (signal) => watch.settled([message], wait, signal))
    const latest = watch.latest(message)
    const name = contactName(contact)
    call.output.print(deliveryText(latest, name, contact.session), messageRecord(latest, contact.name))
  } finally {
    watch.end()
  }
}

/** How far a message came, as a sentence. */
export function deliveryText(
  message: Pick<Message, 'status'>,
  name: string,
  session: Contact['session']
): string {
  switch (message.status) {
    case 'queued': {
      const byItself = `Queued: ${name} is out of reach. It leaves by itself when \`hallig chat\`, \`node\`, \`send\` or \`read\` runs near ${name}`
      return session === 'waiting-for-bundle'
        ? `${byItself}. Before you have met, a file takes it only if you add the card that ${name} makes with \`hallig card --full\`.`
        : `${byItself} or whoever carries it on; or take it there in a file: \`hallig export\`.`
    }
    case 'sent':
      return `Another node holds it; ${name} has not confirmed it yet.`
    case 'delivered':
      return `Delivered to ${name}.`
    case 'read':
      return `Delivered to ${name}, and read.`
    case 'expired':
      return `Not delivered to ${name} in its lifetime; it is no longer sent.`
  }
}

async function readText(stdin: Readable): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream(stdin)) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_STDIN)
      throw new CommandError('USAGE', 'The message on stdin is too long to be one message')
  }
  return (text + decoder.decode()).replace(/\r?\n$/, '')
}

async function* stream(stdin: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stdin) yield typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
}
