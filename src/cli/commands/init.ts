import type { Command } from 'commander'
import { callOf, type Call } from '../call.js'
import { commandLine } from '../command-line.js'
import { addCarrierOptions, networkSettings } from '../global-options.js'
import { askPassphrase } from '../passphrase.js'
import { sanitiseLine } from '../sanitise.js'
import { makeDirectory, readSettings, writeSettings, type Settings } from '../settings.js'
import type { Surroundings } from '../surroundings.js'
import { holding, openStore, withMessenger } from '../with-messenger.js'

interface InitFlags {
  readonly name?: string
  readonly passphrase?: boolean
}

/** `hallig init`: make the identity, once. */
export function registerInit(program: Command, surroundings: Surroundings): void {
  const init = program
    .command('init')
    .description('make your identity; --network, --listen, --bootstrap and --no-lan are remembered, too')
    .option('--name <name>', 'the name your contact cards carry')
    .option('--passphrase', 'protect the store with a passphrase instead of a key file beside it')
  addCarrierOptions(init).action(async (flags: InitFlags, command: Command) => {
    const call = callOf(command, surroundings)
    const settings = await readSettings(call.options.directory)
    await (settings === undefined ? initialise(call, flags) : describeExisting(call, flags))
  })
}

async function initialise(call: Call, { name, passphrase: wanted }: InitFlags): Promise<void> {
  const { options, output, surroundings } = call
  const passphrase =
    wanted === true ? await askPassphrase(options.passphraseFile, surroundings, true) : undefined
  const settings = newSettings(call, passphrase !== undefined)
  await makeDirectory(options.directory)
  const messenger = await openStore(call, settings, passphrase, name === undefined ? {} : { name })
  const id = await holding(call, messenger, async () => {
    // Last, so that an interrupted `init` can simply be run again.
    await writeSettings(options.directory, settings)
    return messenger.identity.id
  })
  output.print(
    [
      `Your identity is ${id}${name === undefined ? '' : `, named ${sanitiseLine(name)}`}.`,
      `It lives in ${options.directory}; keep that directory to yourself.`,
      '',
      `Next: ${commandLine(options, 'card')} shows your contact card for somebody to add,`,
      `      ${commandLine(options, 'add', '<card>')} adds somebody from theirs.`
    ],
    { id, name: name ?? '', directory: options.directory, created: true }
  )
}

async function describeExisting(call: Call, { name }: InitFlags): Promise<void> {
  const { directory } = call.options
  await withMessenger(call, 'offline', async ({ identity }) => {
    if (name !== undefined) await identity.rename(name)
    const shown = name ?? identity.name
    call.output.print(
      [
        `There is an identity in ${directory} already: ${identity.id}${shown === '' ? '' : `, named ${sanitiseLine(shown)}`}.`,
        'Nothing was made anew. For another identity choose another --dir.'
      ],
      { id: identity.id, name: shown, directory, created: false }
    )
  })
}

function newSettings({ options }: Call, passphrase: boolean): Settings {
  const { lan, ...network } = networkSettings(options, { passphrase })
  const { name, ...addresses } = network
  return {
    passphrase,
    ...addresses,
    ...(name === undefined ? {} : { network: name }),
    ...(lan === false ? { lan } : {}),
    ...(options.carrier ? {} : { carrier: false }),
    ...(options.mailbox === undefined ? {} : { mailbox: options.mailbox }),
    ...(options.budget === undefined ? {} : { budget: options.budget })
  }
}
