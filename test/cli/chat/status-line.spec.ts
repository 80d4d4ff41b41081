import assert from 'node:assert/strict'
import { openChat, type ChatState } from '../../../src/cli/chat/chat-state.js'
import { statusLine } from '../../../src/cli/chat/status-line.js'
import { PLAIN } from '../../../src/cli/terminal/paint.js'
import { cells } from '../../../src/cli/terminal/width.js'
import { contact } from '../fake-messenger.js'

const shown = (facts: Partial<ChatState>, columns = 80): string =>
  statusLine({ ...openChat(contact('Bob'), [], true), ...facts }, columns, PLAIN)

describe('the status line', () => {
  it('says who it is, whether they can be reached, and fills the row', () => {
    const line = shown({ contact: contact('Bob', { reachable: true, verified: true }), peers: 2 })
    assert.match(line, /^── Bob ● reachable · verified ─+ 2 peers ──$/)
    assert.equal(cells(line), 80)
    assert.match(shown({}), /○ out of reach · not verified: \/verify/)
  })

  it('puts the gravest concern first', () => {
    assert.match(
      shown({ contact: contact('Bob', { change: 'device-key', blocked: true }) }),
      /keys changed.*\/accept/
    )
    assert.match(shown({ contact: contact('Bob', { blocked: true }) }), /blocked: \/unblock/)
    assert.match(
      shown({ contact: contact('Bob', { session: 'waiting-for-bundle' }) }),
      /first contact pending/
    )
  })

  it('tells of messages below and of others', () => {
    assert.match(shown({ scroll: 3, unseen: 2 }), /↓ 2 new: Esc 0 peers/)
    assert.match(shown({ elsewhere: new Map([['Carol', 2]]) }), /2 from Carol 0 peers/)
  })

  it('cuts a long name rather than what there is to know', () => {
    const long = contact('Wilhelmine from the northernmost farm of all', { change: 'device-key' })
    assert.match(shown({ contact: long }, 80), /^── Wilhelmine from the north… ○ out of reach · keys changed/)
    assert.match(shown({ contact: long }, 40), /^── Wilhelmine f… ○ out of reach ─/)
    assert.match(shown({ elsewhere: new Map([[long.name, 2]]) }, 60), / 2 from Wilhelmine from the… ──$/)
  })

  it('fits a narrow terminal', () => {
    for (let columns = 1; columns < 80; columns++) assert.ok(cells(shown({}, columns)) <= columns)
  })
})
