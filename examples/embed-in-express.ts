/**
 * A small HTTP service that sends notifications through Hallig:
 *   POST /contacts       { "card": "hallig:…" }     201 { id, name }      somebody who wants notifications
 *   POST /notifications  { "to": id, "text": "…" }  202 { id, status }    queued, and delivered when they are reachable
 *   GET /notifications/<id>                         200 { id, status }    how far it has come
 */
import express, { type NextFunction, type Request, type Response } from 'express'
import { createMessenger, isMessengerError, parseIdentityId, type ErrorCode, type Message } from 'hallig'

const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  CARD_INVALID: 400,
  CARD_EXPIRED: 410,
  CARD_OF_SELF: 400,
  CONTENT_INVALID: 400,
  UNKNOWN_CONTACT: 404,
  CONTACT_BLOCKED: 409,
  IDENTITY_CHANGED: 409,
  TOO_LARGE: 413,
  OUTBOX_FULL: 503,
  STORE_FULL: 507
}

const messenger = await createMessenger({
  path: process.env['HALLIG_PATH'] ?? './notifier',
  name: 'Notifier'
})
const app = express().use(express.json())

app.post('/contacts', async ({ body }: Request<unknown, unknown, { card?: unknown }>, response) => {
  const { id, name } = await messenger.contacts.add(String(body.card))
  response.status(201).json({ id, name })
})

app.post('/notifications', async ({ body }: Request<unknown, unknown, Record<string, unknown>>, response) => {
  const to = parseIdentityId(String(body['to']))
  if (to === undefined || typeof body['text'] !== 'string') {
    response.status(400).json({ error: 'Say to whom (a contact id) and what (text)' })
    return
  }
  const { conversationId } = await messenger.contacts.get(to)
  const { id, status } = await messenger.send(conversationId, body['text'])
  response.status(202).json({ id, status })
})

app.get('/notifications/:id', async (request, response) => {
  const message = await find(request.params.id)
  if (message === undefined) response.status(404).json({ error: 'No such notification' })
  else response.json({ id: message.id, status: message.status })
})

app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
  if (!isMessengerError(error)) next(error)
  else response.status(HTTP_STATUS[error.code] ?? 500).json({ code: error.code, error: error.message })
})

/** The latest notifications are found in the history itself, also after a restart. */
async function find(id: string): Promise<Message | undefined> {
  for (const conversation of await messenger.conversations.list()) {
    for await (const message of messenger.conversations.messages(conversation.id, { limit: 1000 })) {
      if (message.id === id) return message
    }
  }
  return undefined
}

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error
  console.log('Listening on', server.address())
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => void messenger.close())
  })
}
