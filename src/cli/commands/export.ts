import type { Command } from 'commander'
import type { Contact, ExportReport, Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { CommandError } from '../command-error.js'
import { contactName, findContact } from '../contact-argument.js'
import { countText } from '../count-text.js'
import { untilInterrupted } from '../interruption.js'
import { ProgressLine } from '../progress-line.js'
import { animationLines, secondsOf, showAnimation, writeAnimation } from '../qr-animation.js'
import { sizeText } from '../size-text.js'
import type { Surroundings } from '../surroundings.js'
import { writeWholeFile } from '../whole-file.js'
import { withMessenger } from '../with-messenger.js'

/** Most bytes shown as QR codes: a minute in front of a camera. */
const MAX_QR_BYTES = 8192

interface ExportFlags {
  readonly contact?: string
  readonly qr?: boolean
  readonly frames?: string
}

/** `hallig export`: sealed envelopes in a file, for somebody to carry. */
export function registerExport(program: Command, surroundings: Surroundings): void {
  program
    .command('export')
    .description('write the sealed messages that wait here to a file, to be carried by hand')
    .argument('[file]', 'where to, or - for stdout')
    .option(
      '--contact <contact>',
      'only what is for one contact; default: everything, also what is carried for others'
    )
    .option('--qr', 'as changing QR codes instead of a file, until a key is pressed: a few kilobytes')
    .option('--frames <folder>', 'with --qr: write the codes as pictures')
    .action(async (file: string | undefined, flags: ExportFlags, command: Command) => {
      const call = callOf(command, surroundings)
      checkFlags(call, file, flags)
      await withMessenger(call, 'offline', async (messenger) => {
        const contact = flags.contact === undefined ? undefined : await findContact(messenger, flags.contact)
        await (file === undefined
          ? exportFrames(call, messenger, contact, flags.frames)
          : exportFile(call, messenger, contact, file))
      })
    })
}

function checkFlags({ surroundings }: Call, file: string | undefined, { qr, frames }: ExportFlags): void {
  if ((file === undefined) !== (qr === true))
    throw new CommandError('USAGE', 'Say where to: `hallig export <file>`, or `hallig export --qr`')
  if (frames !== undefined && qr !== true)
    throw new CommandError('USAGE', '--frames goes with --qr: `hallig export --qr --frames <folder>`')
  if (file === '-' && surroundings.stdout.isTTY === true)
    throw new CommandError('USAGE', 'The file would end up on your screen; give `-` a pipe, or name a file')
}

async function exportFile(
  call: Call,
  messenger: Messenger,
  contact: Contact | undefined,
  file: string
): Promise<void> {
  const progress = new ProgressLine(call)
  const report = await untilInterrupted(async (signal) =>
    messenger
      .exportParcels(
        async (pieces) => {
          await (file === '-' ? writeTo(call.surroundings.stdout, pieces) : writeWholeFile(file, pieces))
        },
        {
          ...scopeOf(contact),
          signal,
          onProgress: (so) => {
            progress.show(() => `${countText(so.envelopes, 'envelope')} written, ${sizeText(so.bytes)}`)
          }
        }
      )
      .finally(() => {
        progress.end()
      })
  )
  const sentence = `${countText(report.envelopes, 'envelope')} (${sizeText(report.bytes)})`
  if (file === '-') {
    call.output.remark(`${sentence} written.`)
    return
  }
  call.output.print(`${sentence} in ${file}.`, { file, ...report })
  call.output.remark(await hintAfter(report, messenger, contact, `\`hallig import ${file}\``))
}

/** Write into a pipe no faster than it is emptied. */
async function writeTo(stdout: Surroundings['stdout'], pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    await new Promise<void>((resolve, reject) => {
      stdout.write(piece, (error) => {
        if (error instanceof Error) reject(error)
        else resolve()
      })
    })
  }
}

async function exportFrames(
  call: Call,
  messenger: Messenger,
  contact: Contact | undefined,
  folder: string | undefined
): Promise<void> {
  const pieces: Uint8Array[] = []
  const report = await messenger.exportParcels(
    async (source) => {
      for await (const piece of source) pieces.push(piece)
    },
    { ...scopeOf(contact), maxBytes: MAX_QR_BYTES }
  )
  if (report.envelopes === 0) {
    call.output.print(await hintAfter(report, messenger, contact, ''), { ...report, frames: 0 })
    return
  }
  await showFrames(call, report, Buffer.concat(pieces), folder)
  if (!call.output.json) {
    const pictures = folder ?? '<pictures of them>'
    call.output.remark(await hintAfter(report, messenger, contact, `\`hallig import --qr ${pictures}\``))
  }
  if (report.left > 0) {
    const limit = sizeText(MAX_QR_BYTES)
    call.output.remark(
      `${countText(report.left, 'envelope')} did not fit: QR codes carry ${limit}. Take a file for them.`
    )
  }
}

async function showFrames(
  call: Call,
  report: ExportReport,
  bytes: Uint8Array,
  folder: string | undefined
): Promise<void> {
  // Loaded only here: it takes as long as all the rest.
  const { animate } = await import('../animated-qr.js')
  const animation = (fragment: number): ReturnType<typeof animate> => animate(bytes, fragment)
  const sentence = `${countText(report.envelopes, 'envelope')} (${sizeText(report.bytes)})`
  const { output, surroundings } = call
  if (folder !== undefined) {
    const frames = await writeAnimation(folder, animation)
    output.print(`${sentence} in ${String(frames)} pictures in ${folder}; four in ten of them may be lost.`, {
      ...report,
      frames,
      folder
    })
  } else if (surroundings.stdout.isTTY === true && !output.json) {
    const shown = await showAnimation(call, animation)
    if (shown === undefined)
      throw new CommandError(
        'USAGE',
        'This terminal is too small for a QR code; enlarge it, or use --frames <folder>'
      )
    const { frames, needed } = shown
    output.print(
      frames < needed
        ? `${String(frames)} of at least ${countText(needed, 'frame')} were shown, which take ${secondsOf(needed)}: nobody has the ${sentence} yet. Show them again, for longer.`
        : `${sentence} shown in ${countText(frames, 'frame')}.`,
      {}
    )
  } else {
    const lines = animationLines(animation)
    output.print(lines, { ...report, frames: lines.length, lines })
  }
}

function scopeOf(contact: Contact | undefined): { readonly contactId?: Contact['id'] } {
  return contact === undefined ? {} : { contactId: contact.id }
}

async function hintAfter(
  { envelopes }: ExportReport,
  messenger: Messenger,
  contact: Contact | undefined,
  how: string
): Promise<string> {
  const unmet = (await unmetOf(messenger, contact)).map(contactName).join(', ')
  const lack = `What waits for ${unmet} is in no file yet, as there are no keys to seal it with: they come with a first link, or with a card made by \`hallig card --full\`.`
  if (envelopes === 0)
    return unmet === ''
      ? `Nothing waits here for ${contact === undefined ? 'anybody' : contactName(contact)}.`
      : lack
  const hint = `Sealed: whoever carries it reads nothing. On the other side: ${how}, as often as you like and in any order.`
  return unmet === '' ? hint : `${hint}\n${lack}`
}

/** The contacts, or the one of these, with messages that wait for their keys. */
async function unmetOf(
  { contacts, conversations }: Messenger,
  contact: Contact | undefined
): Promise<Contact[]> {
  const unmet: Contact[] = []
  for (const one of contact === undefined ? await contacts.list() : [contact]) {
    if (one.session !== 'waiting-for-bundle') continue
    const { lastMessage } = await conversations.direct(one.id)
    if (lastMessage?.status === 'queued') unmet.push(one)
  }
  return unmet
}
