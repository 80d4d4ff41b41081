import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MessengerError } from '../../../src/index.js'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

interface Answer {
  readonly fit: boolean
  readonly findings: readonly { readonly what: string; readonly state: string; readonly sentence: string }[]
}

async function storeFinding(
  refusal: Error | undefined,
  prepare: (directory: string) => void = () => undefined
) {
  let found = ''
  const messenger = new FakeMessenger(contact('Bob'))
  messenger.receive(message(1, 'hello'))
  await withCommandLine(messenger, async (cli) => {
    prepare(cli.directory)
    cli.refusal = refusal
    const { out } = await cli.run('--json', 'doctor', '--wait', '0')
    const { findings } = JSON.parse(out) as Answer
    const [{ what, state, sentence } = { what: '', state: '', sentence: '' }] = findings
    assert.equal(what, 'Store')
    found = `${state}: ${sentence}`
  })
  return found
}

describe('the doctor at the store', () => {
  it('opens it', async () => {
    assert.match(await storeFinding(undefined), /^ok: It opens: 1 contact, 0 messages/)
  })

  it('takes one in use for one that works, and names who uses it', async () => {
    const locked = new MessengerError('STORE_LOCKED', 'Locked')
    assert.match(await storeFinding(locked), /^ok: It is in use by another program/)
    const holder = JSON.stringify({ command: 'node', pid: 1, since: 1 })
    const note = (directory: string): void => {
      writeFileSync(join(directory, 'running.json'), holder)
    }
    assert.match(await storeFinding(locked, note), /in use by `hallig node`/)
  })

  it('repeats what opening it failed with', async () => {
    const damaged = new MessengerError('STORE_DAMAGED', 'The store is damaged; restore it')
    assert.equal(await storeFinding(damaged), 'failure: The store is damaged; restore it.')
  })
})
