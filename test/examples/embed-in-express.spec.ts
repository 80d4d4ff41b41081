import assert from 'node:assert/strict'
import { createMessenger, type Messenger } from '../../src/index.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'
import { nextText } from './next-text.js'
import { LIMIT_MS, startExample, type Service } from './program.js'

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

describe('examples/embed-in-express', function () {
  this.timeout(LIMIT_MS)
  let directory: TemporaryDirectory
  let service: Service
  let alice: Messenger
  let url: string

  before(async () => {
    directory = await temporaryDirectory()
    service = startExample('embed-in-express.js', [], directory.path, { PORT: '0' })
    alice = await createMessenger({ name: 'Alice' })
    const [, port = ''] = /port: (\d+)/.exec(await service.line('Listening on')) ?? []
    url = `http://127.0.0.1:${port}`
  })

  after(async () => {
    service.tell('SIGKILL')
    await service.ended
    await alice.close()
    await directory.remove()
  })

  async function ask(path: string, body?: unknown): Promise<Answer> {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    }
    const response = await fetch(url + path, body === undefined ? {} : init)
    const answer: unknown = await response.json()
    assert.ok(isRecord(answer))
    return { status: response.status, body: answer }
  }

  it('sends a notification and tells how far it has come', async () => {
    const contact = await ask('/contacts', { card: await alice.identity.card() })
    assert.deepEqual(contact, { status: 201, body: { id: alice.identity.id, name: 'Alice' } })
    const heard = nextText(alice)
    const accepted = await ask('/notifications', { to: alice.identity.id, text: 'High water at four' })
    assert.equal(accepted.status, 202)
    assert.equal(accepted.body['status'], 'queued')
    assert.equal(await heard, 'High water at four')
    const path = `/notifications/${String(accepted.body['id'])}`
    let state = await ask(path)
    while (state.body['status'] !== 'delivered') state = await ask(path)
    assert.deepEqual(state, { status: 200, body: { id: accepted.body['id'], status: 'delivered' } })
  })

  it('says what is wrong with a request', async () => {
    const nobody = 'a'.repeat(32)
    const to = alice.identity.id
    const cases: readonly (readonly [string, unknown, number, string | undefined])[] = [
      ['/contacts', { card: 'hallig:AAAA' }, 400, 'CARD_INVALID'],
      ['/contacts', {}, 400, 'CARD_INVALID'],
      ['/notifications', { to: 'Alice', text: 'hello' }, 400, undefined],
      ['/notifications', { to }, 400, undefined],
      ['/notifications', { to: nobody, text: 'hello' }, 404, 'UNKNOWN_CONTACT'],
      ['/notifications', { to, text: 'x'.repeat(50_000) }, 413, 'TOO_LARGE'],
      ['/notifications/unknown', undefined, 404, undefined]
    ]
    for (const [path, body, status, code] of cases) {
      const answer = await ask(path, body)
      assert.equal(answer.status, status, JSON.stringify(answer))
      assert.equal(answer.body['code'], code)
      assert.ok(String(answer.body['error']).length > 10)
    }
  })

  it('ends when it is told to', async () => {
    service.tell('SIGTERM')
    assert.match(await service.ended, /^0\n/)
  })
})

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
