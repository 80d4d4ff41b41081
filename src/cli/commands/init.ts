import type { Command } from 'commander'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { commandLine } from '../command-line.js'
import { addCarrierOptions } from '../global-options.js'
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
    .description(
      'make your identity; --network, --listen, --bootstrap and --no-lan are remembered, then or later'
    )
    .option('--name <name>', 'the name your contact cards carry')
    .option(
      '--passphrase',
      'protect what is stored with a passphrase, asked for at every start, instead of with a key file beside it'
    )
  addCarrierOptions(init).action(async (flags: InitFlags, command: Command) => {
    const call = callOf(command, surroundings)
    const settings = await readSettings(call.options.directory)
    await (settings === undefined ? initialise(call, flags) : keepExisting(call, settings, flags))
  })
}

async function initialise(call: Call, { name, passphrase: wanted }: InitFlags): Promise<void> {
  const { options, output, surroundings } = call
  const passphrase =
    wanted === true ? await askPassphrase(options.passphraseFile, surroundings, true) : undefined
  const settings = { passphrase: passphrase !== undefined, ...toldSettings(call) }
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

/** The identity stays as it is; what is told anew is remembered in place of what was. */
async function keepExisting(call: Call, settings: Settings, { name, passphrase }: InitFlags): Promise<void> {
  const { options, output } = call
  const { directory } = options
  if (passphrase === true && !settings.passphrase) {
    throw new CommandError(
      'USAGE',
      `The identity in ${directory} opens with its key file, and stays so; for one with a passphrase choose another --dir`
    )
  }
  const told = toldSettings(call)
  await withMessenger(call, 'alone', async ({ identity }) => {
    if (name !== undefined) await identity.rename(name)
    if (Object.keys(told).length > 0) await writeSettings(directory, renewed(settings, told))
    const shown = name ?? identity.name
    const remembered = [...(name === undefined ? [] : ['--name']), ...optionNames(told)]
    output.print(
      [
        `There is an identity in ${directory} already: ${identity.id}${shown === '' ? '' : `, named ${sanitiseLine(shown)}`}.`,
        remembered.length > 0
          ? `Remembered from now on: ${remembered.join(', ')}. It is the same identity; for another choose another --dir.`
          : 'Nothing was made anew. For another identity choose another --dir.'
      ],
      { id: identity.id, name: shown, directory, created: false }
    )
  })
}

/** Room for what is carried takes back that nothing is. */
function renewed({ carrier, ...settings }: Settings, told: Omit<Settings, 'passphrase'>): Settings {
  const carries = carrier === undefined || told.mailbox !== undefined
  return { ...settings, ...(carries ? {} : { carrier }), ...told }
}

function optionNames(told: object): string[] {
  return Object.keys(told).map((name) =>
    name === 'lan' || name === 'carrier' ? `--no-${name}` : `--${name}`
  )
}

/** What this call said that later calls go by. */
function toldSettings({ options }: Call): Omit<Settings, 'passphrase'> {
  const { network, listen, bootstrap, lan, carrier, mailbox, budget } = options
  return {
    ...(listen === undefined ? {} : { listen }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(network === undefined ? {} : { network }),
    ...(lan ? {} : { lan }),
    ...(carrier ? {} : { carrier }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(budget === undefined ? {} : { budget })
  }
}
