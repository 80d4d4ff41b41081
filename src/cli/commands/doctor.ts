import type { Command } from 'commander'
import type { Messenger, MessengerStatus } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { lookAtClock } from '../doctor/clock.js'
import { lookAtDisk } from '../doctor/disk.js'
import { findingLines, verdict, type Finding } from '../doctor/finding.js'
import { lookAtNetwork } from '../doctor/network.js'
import { lookAtStore } from '../doctor/store.js'
import { networkSettings, waitOption } from '../global-options.js'
import { pause, untilInterrupted } from '../interruption.js'
import { readSettings, type Settings } from '../settings.js'
import type { Surroundings } from '../surroundings.js'

/** How often the network is asked how it fares, ms. */
const LOOK = 250
/** Where multicast works an own call has come back by then, ms; a shorter look would find fault with it. */
const ECHO = 1000

/** `hallig doctor`: what works on this device, and what to do about the rest. */
export function registerDoctor(program: Command, surroundings: Surroundings): void {
  program
    .command('doctor')
    .description('find out what works here: store, disk, clock, ports, multicast, other nodes')
    .addOption(waitOption('how long to listen to the network', 4))
    .action(async (flags: { readonly wait: number }, command: Command) => {
      const call = callOf(command, surroundings)
      const findings = await examine(call, flags.wait)
      // Whoever reads a pipe wants a finding a line.
      const columns = surroundings.stdout.isTTY === true ? (surroundings.stdout.columns ?? 80) : Infinity
      const lines = findings.flatMap((finding) => findingLines(finding, call.output.paint, columns))
      const fit = findings.every(({ state }) => state !== 'failure')
      call.output.print([...lines, ...(fit ? ['', verdict(findings)] : [])], { fit, findings })
      if (!fit) throw new CommandError('UNFIT', verdict(findings))
    })
}

async function examine(call: Call, wait: number): Promise<Finding[]> {
  const { options, surroundings } = call
  const store = await lookAtStore(call)
  const settings = await usableSettings(options.directory)
  return [
    ...store.findings,
    ...(settings === undefined ? [] : await lookAtDisk(options.directory)),
    lookAtClock(surroundings.now(), store.received),
    ...(await tryNetwork(call, settings, store.inUse, wait))
  ]
}

async function usableSettings(directory: string): Promise<Settings | undefined> {
  try {
    return await readSettings(directory)
  } catch {
    // What is wrong with them has been said of the store.
    return undefined
  }
}

/** A node of its own, in memory, so that looking changes nothing and works beside a running `hallig node`. */
async function tryNetwork(
  call: Call,
  settings: Settings | undefined,
  inUse: boolean,
  wait: number
): Promise<Finding[]> {
  const { listen, ...network } = networkSettings(call.options, settings ?? { passphrase: false })
  // The ports belong to who has the store.
  const ports = listen === undefined || inUse ? {} : { listen }
  try {
    const messenger = await call.surroundings.createMessenger({
      network: { ...network, ...ports },
      start: false
    })
    return await lookAround(messenger, wait)
  } catch (error) {
    const sentence = `${error instanceof Error ? error.message : String(error)}.`
    return [{ what: 'Network', state: 'failure', sentence }]
  }
}

async function lookAround(messenger: Messenger, wait: number): Promise<Finding[]> {
  try {
    await messenger.start()
    const status = await untilInterrupted(async (signal) => settled(() => messenger.status(), wait, signal))
    return lookAtNetwork(status)
  } finally {
    await messenger.close()
  }
}

/** The status once every interface has answered and somebody is linked, or when the time is over. */
async function settled(
  status: () => Promise<MessengerStatus>,
  wait: number,
  signal: AbortSignal
): Promise<MessengerStatus> {
  for (let waited = 0; ; waited += LOOK) {
    const now = await status()
    const answered = now.lan === undefined || now.lan.echoed.length === now.lan.interfaces.length
    if (signal.aborted || (answered && now.peers.length > 0)) return now
    if (waited >= (answered ? wait : Math.max(wait, ECHO))) return now
    await pause(LOOK, signal)
  }
}
