import { isMessengerError, MessengerError } from '../library.js'
import type { Call } from './call.js'
import { CommandError } from './command-error.js'
import { connectToHolder } from './control/connect.js'
import type { DistantMessenger } from './control/distant-messenger.js'
import { releaseOf, type Hello } from './control/hello.js'
import { holderName, type HolderName } from './holder.js'
import { interrupt } from './interruption.js'
import { sanitiseLine } from './sanitise.js'

/** The messenger of another command that has the store. */
export interface Distant {
  readonly kind: 'distant'
  readonly messenger: DistantMessenger
  readonly holder: HolderName
}

/** The messenger of the command that has the store; undefined if it takes no others. Throws what it refuses this one with. */
export async function reachHolder(call: Call, passphrase: string | undefined): Promise<Distant | undefined> {
  const { directory } = call.options
  const holder = await holderName(directory)
  const answer = await say(call, passphrase === undefined ? {} : { passphrase }, holder)
  switch (answer.kind) {
    case 'connected':
      return { kind: 'distant', messenger: answer.messenger, holder }
    case 'refused':
      throw answer.error
    case 'other-release':
      throw new MessengerError(
        'STORE_LOCKED',
        `${holder.sentence} is using ${directory} and is of another version (${sanitiseLine(answer.release)}) than this command (${releaseOf(call.surroundings.version)}); restart it`
      )
    case 'nobody':
    case 'wiped':
      return undefined
  }
}

/** Have the command that has the store destroy it; undefined if there is none that takes others. Rejects if that failed. */
export async function wipeThroughHolder(call: Call): Promise<true | undefined> {
  const answer = await say(call, { wipe: true }, await holderName(call.options.directory))
  if (answer.kind === 'refused') throw answer.error
  return answer.kind === 'wiped' ? true : undefined
}

async function say(
  { options, surroundings }: Call,
  hello: Omit<Hello, 'release'>,
  holder: HolderName
): ReturnType<typeof connectToHolder> {
  const { platform, version } = surroundings
  return await connectToHolder(options.directory, platform, { release: releaseOf(version), ...hello }, () =>
    lost(holder)
  )
}

function lost({ sentence }: HolderName): MessengerError {
  return new MessengerError(
    'CLOSED',
    `${sentence} has ended, and with it this command, which worked through it; run it again`
  )
}

/** Use the messenger of another command, then hang up. If that ends first, so does what waits here. */
export async function throughHolder<Result>(
  call: Call,
  { messenger, holder }: Distant,
  { isOnline, lasts }: { readonly isOnline: boolean; readonly lasts: boolean },
  use: (messenger: DistantMessenger, holder: HolderName) => Promise<Result>
): Promise<Result> {
  const loss = new AbortController()
  let isDone = false
  void messenger.ended.then(() => {
    if (isDone) return
    loss.abort()
    interrupt()
  })
  try {
    await checkNetwork(call, messenger, holder)
    if (isOnline) takePart(call, messenger, holder)
    const result = await use(messenger, holder)
    // Who waited for an end of their own has to know of this one; what others have said stays true.
    if (loss.signal.aborted && lasts) throw lost(holder)
    return result
  } finally {
    isDone = true
    await messenger.close()
  }
}

async function checkNetwork(
  { options }: Call,
  messenger: DistantMessenger,
  holder: HolderName
): Promise<void> {
  const { network } = options
  if (network === undefined) return
  const { networkName } = await messenger.status()
  if (networkName === network) return
  throw new CommandError(
    'USAGE',
    `${holder.sentence} takes part in the network ${sanitiseLine(networkName)} and is using ${options.directory}: end it first, or leave out --network`
  )
}

/** What a command says of the network: an address can be dialled any time, all else is settled when a network starts. */
function takePart({ options, output }: Call, messenger: DistantMessenger, { sentence }: HolderName): void {
  const idle = [
    ...(options.listen === undefined ? [] : ['--listen']),
    ...(options.lan ? [] : ['--no-lan']),
    ...(options.budget === undefined ? [] : ['--budget'])
  ]
  if (idle.length > 0)
    output.remark(`${idle.join(', ')} changes nothing here: ${sentence} goes on as it was started.`)
  for (const address of options.bootstrap ?? [])
    messenger.dial(address).catch((error: unknown) => {
      // With the end of this command nobody waits for it any more.
      if (isMessengerError(error, 'CLOSED') || !(error instanceof Error)) return
      output.remark(sanitiseLine(error.message))
    })
}
