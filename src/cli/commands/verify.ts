import type { Command } from 'commander'
import type { Contact, Messenger } from '../../library.js'
import { callOf, type Call } from '../call.js'
import { commandLine } from '../command-line.js'
import { CONTACT_ARGUMENT, contactName, findContact } from '../contact-argument.js'
import { ask, canAsk } from '../question.js'
import { safetyNumberLines } from '../safety-number.js'
import { sanitiseLine } from '../sanitise.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

interface VerifyFlags {
  readonly yes?: boolean
  readonly undo?: boolean
}

/** `hallig verify`: compare the safety number, and remember that it matched. */
export function registerVerify(program: Command, surroundings: Surroundings): void {
  program
    .command('verify')
    .description('compare the safety number with a contact, and remember that it matched')
    .argument('<contact>', CONTACT_ARGUMENT)
    .option('--yes', 'the numbers match; do not ask')
    .option('--undo', 'forget that they matched')
    .action(async (wanted: string, flags: VerifyFlags, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, 'offline', async (messenger) => {
        await verify(call, messenger, await findContact(messenger, wanted), flags)
      })
    })
}

async function verify(call: Call, messenger: Messenger, contact: Contact, flags: VerifyFlags): Promise<void> {
  const { contacts, identity } = messenger
  const name = contactName(contact)
  const safetyNumber = await contacts.safetyNumber(contact.id)
  const answered = decision(flags)
  if (answered !== undefined) {
    const { verified } = await contacts.verify(contact.id, answered)
    call.output.print(verifiedText(name, verified), { contactId: contact.id, safetyNumber, verified })
    return
  }
  call.output.print(
    [
      `Safety number with ${name}${contact.verified ? ' (verified before)' : ''}:`,
      '',
      ...safetyNumberLines(safetyNumber).map((line) => `    ${line}`),
      '',
      `${name} sees the same number with ${theirCommand(identity.name)}. Compare it in person or on a call.`
    ],
    { contactId: contact.id, safetyNumber, verified: contact.verified }
  )
  if (contact.verified || call.output.json) return
  if (!canAsk(call.surroundings))
    call.output.remark(`If they match: ${commandLine(call.options, 'verify', name, '--yes')}`)
  else if (await ask(call.surroundings, 'Do they match?')) {
    await contacts.verify(contact.id, true)
    call.output.print(verifiedText(name, true), undefined)
  } else call.output.print(`${name} stays unverified.`, undefined)
}

/** What the other side types; there, `--dir` is another, and the name may be. */
function theirCommand(ownName: string): string {
  const name = sanitiseLine(ownName)
  return commandLine({}, 'verify', name === '' ? '<your name>' : name)
}

function decision({ yes, undo }: VerifyFlags): boolean | undefined {
  if (undo === true) return false
  return yes === true ? true : undefined
}

function verifiedText(name: string, verified: boolean): string {
  return verified ? `${name} is verified.` : `${name} is not verified any more.`
}
