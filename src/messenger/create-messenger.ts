import { forgetLost, hasLost } from '#level-files'
import { platform } from '#platform'
import '../platform/polyfill.js'
import type { Clock } from '../clock.js'
import type { RandomSource } from '../crypto/random.js'
import { sha256 } from '../crypto/hash.js'
import { signingPublicKey } from '../crypto/signature.js'
import { createLibp2pNetwork } from '../network/libp2p/libp2p-network.js'
import type { Network } from '../network/network.js'
import { topicName } from '../protocol/envelope/topic.js'
import { MessengerError } from '../errors.js'
import { MAILBOX_QUOTA, MIN_BUDGET } from '../protocol/limits.js'
import { BUNDLE_PROTOCOL } from '../protocol/prekeys/bundle-request.js'
import { RECONCILE_PROTOCOL } from '../protocol/sync/frames.js'
import { Tables } from '../storage/records/tables.js'
import { checkPath } from '../takes.js'
import { checkOptions, checkWiping } from './check-options.js'
import { checkName } from './contacts/contacts.js'
import { loadContinuity } from './continuity/continuity.js'
import { checkTime, guardedClock } from './guarded-clock.js'
import { guardedLogger } from './guarded-logger.js'
import { HELD_PROTOCOL } from './carry/held-notices.js'
import { HalligMessenger } from './hallig-messenger.js'
import type { Messenger } from './messenger.js'
import { checkNetworkName, DEFAULT_NETWORK_NAME } from './network-name.js'
import { Node } from './node.js'
import { openStore, type OpenedStore } from './open-store.js'
import type { Logger, MessengerOptions, NetworkSettings } from './options.js'
import { checkLevel } from './power.js'
import { loadOwn } from './restore.js'
import { StorePlace } from './continuity/store-place.js'
import { destroyStore } from './wipe.js'

const silent: Logger = { debug: () => undefined, warn: () => undefined }

/**
 * Open a messenger: make or load its identity, take part in the network.
 *
 * Rejects with `OPTIONS_INVALID`, `STORE_LOCKED`, `STORE_UNWRITABLE`, `STORE_TOO_NEW`, `STORE_DAMAGED`, `WRONG_KEY`,
 * `STORE_FULL`, `STORE_FAILED`, `KEY_FILE_UNSAFE`, `ADDRESS_INVALID`, `ADDRESS_IN_USE` or `NETWORK_FAILED`; nothing is
 * left open then.
 *
 * @example
 * const messenger = await createMessenger({ path: './alice' })
 */
export async function createMessenger(options: MessengerOptions = {}): Promise<Messenger> {
  checkOptions(options)
  const { random = platform.random } = options
  const logger = guardedLogger(options.logger ?? silent)
  const clock = clockOf(options, logger)
  const settings = networkSettings(options)
  const networkName = checkNetworkName(settings?.name ?? DEFAULT_NETWORK_NAME)
  const name = options.name === undefined ? undefined : checkName(options.name)
  const opened = await openStore(options, platform, random, logger)
  const messenger = await openMessenger(options, { clock, random, logger, opened, networkName, name }).catch(
    async (error: unknown) => {
      await opened.store.close().catch(() => undefined)
      throw error
    }
  )
  if (options.start === false) return messenger
  try {
    await messenger.start()
  } catch (error) {
    await messenger.close()
    throw error
  }
  return messenger
}

/**
 * Destroy a store that nobody has open, and its key file (`<path>.key` unless another is named); it takes no key. The key goes first, so that
 * nothing can be read from then on, whatever happens meanwhile. File systems and disks may keep older copies of both. What others keep in its
 * directory stays.
 *
 * Rejects with `OPTIONS_INVALID`, with `STORE_LOCKED` while somebody has it open, `STORE_UNWRITABLE`, `STORE_FULL` or `STORE_FAILED`.
 *
 * @example
 * await wipeStore('./alice')
 */
export async function wipeStore(
  path: string,
  options: { readonly keyFile?: string | undefined } = {}
): Promise<void> {
  checkPath(path)
  checkWiping(options)
  await destroyStore(path, options, platform)
}

interface Parts {
  readonly clock: Clock
  readonly random: RandomSource
  readonly logger: Logger
  readonly opened: OpenedStore
  readonly networkName: string
  readonly name: string | undefined
}

async function openMessenger(options: MessengerOptions, parts: Parts): Promise<Messenger> {
  const { clock, random, logger, opened, networkName } = parts
  const { store } = opened
  const blinded = new Tables((label, id) => store.blind(label, id))
  const { isNew, ...loaded } = await loadOwn(store, blinded, parts.name, clock.now(), random)
  const place = new StorePlace({ ...platform, hasLost, forgetLost }, options.path, random)
  const restored = options.restored === true
  const continuity = await loadContinuity(store, blinded, place, { isNew, restored })
  const own = { ...loaded, continuity }
  const network = isNetwork(options.network)
    ? options.network
    : libp2pNetwork(options.network ?? {}, parts, own.record.networkSeed)
  const node = new Node({
    clock,
    random,
    // On a clock of its own one seed replays one run: nothing happens beside it.
    hmacsBeside: clock === platform.clock ? platform.hmacsBeside : undefined,
    logger,
    store,
    tables: blinded,
    network,
    networkName,
    topic: topicName(networkName),
    own,
    place,
    quota: mailboxQuota(options),
    bytesPerHour: hourlyBudget(options),
    carryAbove: options.power && checkLevel(options.power.carryAbove, 'The level to carry above')
  })
  await node.open()
  return new HalligMessenger(node, opened)
}

function clockOf({ clock }: MessengerOptions, logger: Logger): Clock {
  if (clock === undefined) return platform.clock
  let now: unknown
  try {
    now = clock.now()
  } catch (cause) {
    throw new MessengerError('OPTIONS_INVALID', 'The clock that was given fails; see the cause', { cause })
  }
  checkTime(now)
  return guardedClock(clock, platform.clock, logger)
}

function mailboxQuota({ carrier = true, mailbox = {} }: MessengerOptions): number {
  const { quota = MAILBOX_QUOTA } = mailbox
  if (!Number.isSafeInteger(quota) || quota < 0) {
    throw new MessengerError('OPTIONS_INVALID', 'The quota of the mailbox is a number of bytes, 0 or more')
  }
  return carrier ? quota : 0
}

function hourlyBudget({ budget }: MessengerOptions): number | undefined {
  if (budget === undefined) return undefined
  const { bytesPerHour } = budget
  if (!Number.isSafeInteger(bytesPerHour) || bytesPerHour < MIN_BUDGET) {
    throw new MessengerError(
      'OPTIONS_INVALID',
      `The budget of an hour is a number of bytes, ${String(MIN_BUDGET)} or more`
    )
  }
  return bytesPerHour
}

function libp2pNetwork(settings: NetworkSettings, parts: Parts, peerSeed: Uint8Array): Network {
  return createLibp2pNetwork({
    topics: [topicName(parts.networkName)],
    networkName: parts.networkName,
    protocols: [BUNDLE_PROTOCOL, HELD_PROTOCOL],
    streamProtocols: [RECONCILE_PROTOCOL],
    hash: (bytes) => sha256(bytes),
    signingPublicKey,
    random: parts.random,
    clock: parts.clock,
    peerSeed,
    logger: { debug: (message) => parts.logger.debug(message) },
    ...(settings.listen === undefined ? {} : { listen: settings.listen }),
    ...(settings.bootstrap === undefined ? {} : { bootstrap: settings.bootstrap }),
    ...(settings.relay === undefined ? {} : { relay: settings.relay }),
    ...(settings.lan === undefined ? {} : { lan: settings.lan }),
    ...(settings.libp2p === undefined ? {} : { libp2p: settings.libp2p })
  })
}

function isNetwork(network: MessengerOptions['network']): network is Network {
  return network !== undefined && 'publish' in network
}

function networkSettings(options: MessengerOptions): NetworkSettings | undefined {
  return isNetwork(options.network) ? undefined : options.network
}
