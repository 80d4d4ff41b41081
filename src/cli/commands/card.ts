import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { commandLine } from '../command-line.js'
import { fileError } from '../file-error.js'
import { networkSettings } from '../global-options.js'
import { qrColumns, qrLines, qrModules, qrPicture } from '../qr.js'
import { readSettings } from '../settings.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

interface CardFlags {
  readonly full?: boolean
  readonly reusable?: boolean
  readonly qr: boolean
  readonly png?: string
}

/** `hallig card`: the contact card as a link and a QR code. */
export function registerCard(program: Command, surroundings: Surroundings): void {
  program
    .command('card')
    .description('show your contact card: a link and its QR code, for one person to add')
    .option(
      '--full',
      'with everything needed for first contact, even if you are out of reach then; eight times as long'
    )
    .option('--reusable', 'for any number of people: a poster, a web page')
    .option('--no-qr', 'the link alone')
    .option('--png <file>', 'write the QR code as a picture')
    .action(async (flags: CardFlags, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, await cardMode(call), async (messenger) => showCard(call, messenger, flags))
    })
}

/** The network starts only where it listens on an address of its own: others change with every start, no use on a card. */
async function cardMode({ options }: Call): Promise<'online' | 'offline'> {
  const settings = await readSettings(options.directory)
  const listens = settings !== undefined && networkSettings(options, settings).listen !== undefined
  return listens ? 'online' : 'offline'
}

async function showCard(call: Call, messenger: Messenger, flags: CardFlags): Promise<void> {
  const size = flags.full === true ? 'full' : 'short'
  const reusable = flags.reusable === true
  const link = await messenger.identity.card({ size, reusable })
  if (flags.png !== undefined) await writePicture(flags.png, link)
  const drawn = flags.qr && flags.png === undefined ? drawing(call, link) : []
  const { rows = 24 } = call.surroundings.stdout
  call.output.print(
    [...drawn, link, ...(flags.png === undefined ? [] : [`The QR code is in ${flags.png}.`])],
    { link, size, reusable, ...(flags.png === undefined ? {} : { png: flags.png }) }
  )
  // Half a code is none, and the scroll bar does not help a camera.
  if (drawn.length > rows)
    call.output.remark(
      `\nThe QR code needs a terminal ${String(drawn.length)} rows high (this one has ${String(rows)}); enlarge it, or use --png <file>.`
    )
  call.output.remark(
    reusable
      ? '\nAnybody who has this card can write to you: `hallig add <link>`.'
      : '\nFor one person, who adds it with `hallig add <link>` and writes first.\n' +
          `${commandLine(call.options, 'chat', '<their name>')} waits for that. Hand it over where nobody else reads along.`
  )
}

/** The QR code, where somebody can see it and it fits. */
export function drawing({ output, surroundings }: Call, link: string): string[] {
  const { stdout } = surroundings
  if (stdout.isTTY !== true || output.json) return []
  const modules = qrModules(link)
  const columns = stdout.columns ?? 80
  if (qrColumns(modules) <= columns) return [...qrLines(modules, output.paint.colours), '']
  output.remark(
    `The QR code needs a terminal ${String(qrColumns(modules))} columns wide (this one has ${String(columns)}); use --png <file>.\n`
  )
  return []
}

async function writePicture(file: string, link: string): Promise<void> {
  const picture = qrPicture(qrModules(link))
  try {
    await writeFile(file, picture)
  } catch (error) {
    throw fileError('write', file, error)
  }
}
