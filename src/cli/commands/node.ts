import { Option, type Command } from 'commander'
import { isMessengerError, type Contact, type Message, type Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { ContactNames, type ContactNews } from '../contact-names.js'
import { countText } from '../count-text.js'
import { aborted, pause, untilInterrupted } from '../interruption.js'
import { messageRecord, messageText, priorityMark } from '../message-text.js'
import { addCarrierOptions, percent } from '../global-options.js'
import { sanitiseLine } from '../sanitise.js'
import type { Surroundings } from '../surroundings.js'
import { clockText } from '../time-text.js'
import { withMessenger } from '../with-messenger.js'
import { drawing } from './card.js'

interface NodeFlags {
  readonly text?: boolean
  readonly card?: 'single' | 'reusable'
  readonly carryAbove?: number
}

/** `hallig node`: take part in the network until told to stop. */
export function registerNode(program: Command, surroundings: Surroundings): void {
  const node = program
    .command('node')
    .description(
      'take part in the network, and carry messages for others, until Ctrl-C (as a service: until SIGTERM)'
    )
    .option('--text', 'print what messages say, not only that they came')
    .addOption(
      new Option('--card [kind]', 'begin with a contact card, for one person or for any number of people')
        .choices(['single', 'reusable'])
        .preset('single')
    )
  node.option(
    '--carry-above <percent>',
    'do nothing for others unless the battery is fuller than this',
    percent
  )
  node.option('--relay', 'be a relay: let others behind a NAT be reached through this node')
  addCarrierOptions(node).action(async (flags: NodeFlags, command: Command) => {
    const call = callOf(command, surroundings)
    await withMessenger(call, 'node', async (messenger) => {
      await untilInterrupted(async (signal) => {
        await reportEvents(call, messenger, flags)
        await (flags.carryAbove === undefined ? aborted(signal) : tellPower(call, messenger, signal))
      })
      call.output.print(stamped(call, 'stopping'), { event: 'stop' })
    })
  })
}

/** Before the later lines of a message. */
const MARGIN = '    '
/** Between two looks at the battery, ms. */
const BATTERY_MS = 60_000

/** Tell the messenger of the battery until the signal aborts, and the user when that changes something. */
async function tellPower(call: Call, messenger: Messenger, signal: AbortSignal): Promise<void> {
  let wasResting: boolean | undefined
  while (!signal.aborted) {
    const battery = await call.surroundings.battery()
    if (battery !== undefined) await messenger.setPower(battery)
    const { resting } = await messenger.status()
    if (battery === undefined && wasResting === undefined)
      call.output.print(stamped(call, 'no battery is found, so others are served'), {
        event: 'power',
        resting
      })
    else if (resting !== (wasResting ?? false))
      call.output.print(
        stamped(call, resting ? 'the battery is low: nothing is done for others' : 'others are served again'),
        { event: 'power', resting }
      )
    wasResting = resting
    await pause(BATTERY_MS, signal)
  }
}

async function reportEvents(call: Call, messenger: Messenger, flags: NodeFlags): Promise<void> {
  const names = new ContactNames(messenger)
  const listening = new Listening(call, messenger)
  const say = (line: string, record: object): void => {
    call.output.tell(stamped(call, line), record, MARGIN)
  }
  let peers = 0
  messenger.addEventListener('message:receive', ({ detail }) => {
    reportMessage(call, detail, names.nameOf(detail.sender), flags.text === true)
  })
  messenger.addEventListener('peer:update', ({ detail }) => {
    if (detail.peers !== peers)
      say(`${countText(detail.peers, 'peer')} linked`, { event: 'peers', ...detail })
    peers = detail.peers
    // A box may be on before its network is.
    listening.tellNew().catch((error: unknown) => {
      // The last link goes when the node stops: then there is nothing to tell.
      if (!isMessengerError(error, 'CLOSED')) call.output.remark(`No addresses: ${String(error)}`)
    })
  })
  messenger.addEventListener('identity:change', ({ detail }) => {
    say(`the keys of ${names.nameOf(detail.contactId)} changed; see \`hallig accept --help\``, {
      event: 'identity-change',
      ...detail
    })
  })
  messenger.addEventListener('storage:update', ({ detail }) => {
    say(`the store is ${detail.storage}`, { event: 'storage', ...detail })
  })
  messenger.addEventListener('message:update', ({ detail }) => {
    if (!detail.own) return
    const { id, status, carriers } = detail
    const held = carriers === undefined ? '' : `, held by ${countText(carriers, 'node')}`
    say(`message ${id.slice(0, 8)} is ${status}${held}`, {
      event: 'status',
      id,
      status,
      ...(carriers === undefined ? {} : { carriers })
    })
  })
  messenger.addEventListener('sync:complete', ({ detail }) => {
    const { peers: met, received, given } = detail
    say(`reconciled with ${countText(met, 'peer')}: ${String(received)} received, ${String(given)} given`, {
      event: 'sync',
      ...detail
    })
  })
  messenger.addEventListener('contact:update', ({ detail }) => {
    const news = contactNews(detail, names.learn(detail), names.nameOf(detail.id))
    if (news.length === 0) return
    const { id, name, reachable } = detail
    say(news.join(', '), { event: 'contact', id, name, reachable })
  })
  await names.load()
  await greet(call, messenger, listening)
  if (flags.card !== undefined) await showCard(call, messenger, flags.card === 'reusable')
}

function contactNews(
  contact: Contact,
  { added, formerName, reachChanged }: ContactNews,
  name: string
): string[] {
  return [
    ...(added ? [`${name} is a new contact`] : []),
    ...(formerName === undefined ? [] : [`${formerName} is called ${name} now`]),
    ...(reachChanged ? [`${name} is ${contact.reachable ? 'reachable' : 'out of reach'}`] : [])
  ]
}

/** The addresses a person was told of. */
class Listening {
  readonly #call: Call
  readonly #messenger: Pick<Messenger, 'status'>
  #told: readonly string[] = []

  constructor(call: Call, messenger: Pick<Messenger, 'status'>) {
    this.#call = call
    this.#messenger = messenger
  }

  /** Lines for addresses that were not told of yet. */
  lines(addresses: readonly string[]): string[] {
    const fresh = addresses.filter((address) => !this.#told.includes(address))
    this.#told = addresses
    return fresh.map((address) => `listening on ${sanitiseLine(address)}`)
  }

  async tellNew(): Promise<void> {
    const { addresses } = await this.#messenger.status()
    const lines = this.lines(addresses)
    if (lines.length === 0) return
    this.#call.output.print(
      lines.map((line) => stamped(this.#call, line)),
      { event: 'addresses', addresses }
    )
  }
}

async function greet(call: Call, messenger: Messenger, listening: Listening): Promise<void> {
  const { addresses, networkName } = await messenger.status()
  const { id, name } = messenger.identity
  call.output.print(
    [
      `Node of ${id}${name === '' ? '' : ` (${sanitiseLine(name)})`} in the network ${sanitiseLine(networkName)}`,
      ...listening.lines(addresses),
      'Ctrl-C stops it.'
    ],
    { event: 'start', id, name, network: networkName, addresses }
  )
}

/** A card beside the addresses it carries: what a passer-by scans from the screen of a box. */
async function showCard(call: Call, messenger: Messenger, reusable: boolean): Promise<void> {
  const link = await messenger.identity.card({ reusable })
  const whom = reusable ? 'whoever wants to write to it' : 'one person'
  call.output.print([...drawing(call, link), `Its card, for ${whom}: ${link}`], {
    event: 'card',
    link,
    reusable
  })
}

function reportMessage(call: Call, message: Message, name: string, withText: boolean): void {
  const { text, bytes, ...facts } = messageRecord(message, name)
  const content = withText
    ? { ...(text === undefined ? {} : { text }), ...(bytes === undefined ? {} : { bytes }) }
    : {}
  const line = withText ? `${name}: ${messageText(message)}` : `a message from ${name}`
  const mark = priorityMark(message.priority, call.output.paint)
  call.output.tell(stamped(call, mark + line), { event: 'message', ...facts, ...content }, MARGIN)
}

function stamped({ surroundings }: Call, line: string): string {
  return `${clockText(surroundings.now())} ${line}`
}
