import type { Command } from 'commander'
import type { Contact, Messenger, MessengerStatus, PeerStatus, RenewalReason } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { contactName } from '../contact-argument.js'
import { countText } from '../count-text.js'
import { waitOption } from '../global-options.js'
import { pause, untilInterrupted } from '../interruption.js'
import { isLoopback } from '../loopback.js'
import { sanitiseLine } from '../sanitise.js'
import type { Settings } from '../settings.js'
import type { Surroundings } from '../surroundings.js'
import { sizeText } from '../size-text.js'
import { agoText } from '../time-text.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig status`: who I am, whom I reach, what waits. */
export function registerStatus(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('show your identity, the network around you, and what is waiting to be delivered')
    .addOption(waitOption('how long to look for peers', 3))
    .action(async (flags: { readonly wait: number }, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, flags.wait > 0 ? 'online' : 'offline', async (messenger, settings) => {
        await untilInterrupted(async (signal) => untilLinked(messenger, flags.wait, signal))
        await showStatus(call, messenger, settings)
      })
    })
}

/** Wait for the first peer, and half a second more for others that answer at the same time. */
async function untilLinked(messenger: Messenger, ms: number, signal: AbortSignal): Promise<void> {
  const linked = new AbortController()
  const onPeers = (event: CustomEvent<{ readonly peers: number }>): void => {
    if (event.detail.peers > 0) linked.abort()
  }
  messenger.addEventListener('peer:update', onPeers)
  if ((await messenger.status()).peers.length > 0) linked.abort()
  await pause(ms, AbortSignal.any([signal, linked.signal]))
  messenger.removeEventListener('peer:update', onPeers)
  if (linked.signal.aborted) await pause(Math.min(ms, 500), signal)
}

async function showStatus(call: Call, messenger: Messenger, settings: Settings): Promise<void> {
  const { output, options, surroundings } = call
  const status = await messenger.status()
  const known = await messenger.contacts.list()
  const { id, name } = messenger.identity
  output.print(
    [
      `Identity   ${id}${name === '' ? '' : ` (${sanitiseLine(name)})`}`,
      `Directory  ${options.directory} (${settings.passphrase ? 'opens with a passphrase' : 'opens with its key file'})`,
      ...statusLines(status, known, surroundings.now())
    ],
    { id, name, directory: options.directory, passphrase: settings.passphrase, ...status },
    ' '.repeat(LABEL_WIDTH)
  )
}

/** Columns that the label of a line takes. */
const LABEL_WIDTH = 11

/** A messenger's status as lines for people. */
export function statusLines(status: MessengerStatus, contacts: readonly Contact[], now: number): string[] {
  const { outbox } = status
  const oldest = outbox.oldest === undefined ? '' : `, the oldest from ${agoText(outbox.oldest, now)}`
  return [
    `Store      ${STORAGE[status.storage]}`,
    `Network    ${sanitiseLine(status.networkName)}${status.started ? '' : ' (not started)'}`,
    ...labelled('Addresses', status.addresses.map(sanitiseLine)),
    ...labelled('LAN', [lanText(status.lan)]),
    ...labelled('Peers', peerLines(status, contacts, now)),
    ...(status.contested ? labelled('Copy', [CONTESTED]) : []),
    ...(status.renewal === undefined ? [] : labelled('Renewed', [renewalText(status.renewal, now)])),
    `Contacts   ${String(status.contacts)}`,
    `Mailbox    ${mailboxText(status.mailbox)}`,
    ...labelled('Budget', budgetLines(status.budget, now)),
    ...(status.resting
      ? labelled('Battery', ['low: nothing is done for others until it has recovered'])
      : []),
    `Outbox     ${outbox.messages === 0 ? 'empty' : `${countText(outbox.messages, 'message')} not delivered yet${oldest}`}`
  ]
}

const STORAGE = {
  ok: 'in order',
  full: 'FULL: make room on the disk',
  failed: 'FAILED: check the disk, then start again'
} as const

const CONTESTED =
  'ANOTHER DEVICE goes on from a copy of this store, and contacts write to it; end one of the two for good'

const RENEWED: Readonly<Record<RenewalReason, string>> = {
  copied: 'this store was a copy, or an older one put back',
  restored: 'this store was put back from a copy',
  asked: 'as it was asked to',
  receipt: 'contacts know of more than this store: it was an older one',
  bundle: 'contacts know of more than this store: it was an older one',
  damaged: 'THE DISK HAD DAMAGED THIS STORE: something may be missing, and the disk may fail again'
}

function renewalText({ at, reason }: { at: number; reason: RenewalReason }, now: number): string {
  return `${agoText(at, now)}: ${RENEWED[reason]}`
}

function peerLines({ peers }: MessengerStatus, contacts: readonly Contact[], now: number): string[] {
  if (peers.length === 0) return ['none']
  return peers.map((peer) => {
    const { address, direction, since, contactId } = peer
    const contact = contacts.find(({ id }) => id === contactId)
    const who = contact === undefined ? '' : `, ${contactName(contact)}`
    return `${sanitiseLine(address)} (${direction}${who}, linked ${agoText(since, now)}${healthText(peer, now)})`
  })
}

/** Within this time of being linked a node has said that it takes part, if it does; ms. */
const GREETING_MS = 10_000

/** What a link is worth, beyond being there. */
function healthText({ takesPart, roundTrip, reconciledAt, since }: PeerStatus, now: number): string {
  const silence = now - since < GREETING_MS ? ', not greeted yet' : ', NO GOSSIP: it passes nothing on'
  return [
    roundTrip === undefined ? '' : `, answers in ${String(Math.round(roundTrip))} ms`,
    reconciledAt === undefined ? '' : `, reconciled ${agoText(reconciledAt, now)}`,
    takesPart ? '' : silence
  ].join('')
}

function mailboxText({ own, foreign, bytes, quota }: MessengerStatus['mailbox']): string {
  if (quota === 0) return `carries nothing for others; ${countText(own, 'envelope')} of its own`
  const room = `${sizeText(bytes)} of ${sizeText(quota)}`
  return `${countText(foreign, 'envelope')} for others (${room}), ${String(own)} of its own`
}

const STOPPED = {
  foreign: 'nothing is done for others',
  routine: 'routine messages wait',
  urgent: 'urgent messages wait',
  receipt: 'receipts wait',
  emergency: 'EMERGENCIES WAIT'
} as const

function budgetLines({ used, limit, stopped, roomAt }: MessengerStatus['budget'], now: number): string[] {
  if (limit === undefined) return [`no bound; ${sizeText(used)} sent within the last hour`]
  const next =
    roomAt === undefined ? '' : `; more in ${countText(Math.ceil((roomAt - now) / 60_000), 'minute')}`
  return [
    `${sizeText(used)} of ${sizeText(limit)} sent within the last hour${next}`,
    ...stopped.map((traffic) => STOPPED[traffic])
  ]
}

function lanText(lan: MessengerStatus['lan']): string {
  if (lan === undefined) return 'not searched'
  if (lan.interfaces.length > 0 && lan.interfaces.every(isLoopback))
    return 'on no network: connect a cable, or join a Wi-Fi or a hotspot'
  const where = lan.interfaces.length === 0 ? 'no interface' : lan.interfaces.map(sanitiseLine).join(', ')
  const trouble = lan.lastError === undefined ? '' : ` (last trouble: ${sanitiseLine(lan.lastError)})`
  return `${lan.multicast ? 'searching by multicast on' : 'multicast does not work on'} ${where}${trouble}`
}

function labelled(label: string, lines: readonly string[]): string[] {
  const shown = lines.length === 0 ? ['none'] : lines
  return shown.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`)
}
