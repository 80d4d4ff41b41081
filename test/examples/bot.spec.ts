import assert from 'node:assert/strict'
import { createMessenger } from '../../src/index.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'
import { nextText } from './next-text.js'
import { LIMIT_MS, startExample } from './program.js'

describe('examples/bot', function () {
  this.timeout(LIMIT_MS)
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  it('answers whoever has its card, and ends when it is told to', async () => {
    const bot = startExample('bot.js', ['./bot'], directory.path)
    const alice = await createMessenger({ name: 'Alice' })
    try {
      const contact = await alice.contacts.add(await bot.line('hallig:'))
      assert.equal(contact.name, 'Echo')
      const answer = nextText(alice)
      await alice.send(contact.conversationId, 'Is anybody there?')
      assert.equal(await answer, 'You said: Is anybody there?')
      bot.tell('SIGTERM')
      assert.match(await bot.ended, /^0\n/)
    } finally {
      bot.tell('SIGKILL')
      await alice.close()
    }
  })
})
