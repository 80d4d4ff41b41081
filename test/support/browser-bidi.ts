import WebSocket from 'ws'

type Params = Readonly<Record<string, unknown>>
type Listener = (params: Params) => void

interface Waiting {
  readonly resolve: (result: Params) => void
  readonly reject: (error: Error) => void
}

/** A session of WebDriver BiDi, or of Chromium's own protocol: commands, answers and events over a WebSocket. */
export class BidiSession {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, Set<Listener>>()
  /** Resolves when the browser is gone. */
  readonly ended: Promise<void>
  #next = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      this.#hear(JSON.parse(data.toString()) as Params)
    })
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.values()) reject(new Error('The browser is gone'))
        this.#waiting.clear()
        resolve()
      })
    })
    socket.on('error', () => undefined)
  }

  static async begin(url: string): Promise<BidiSession> {
    const socket = new WebSocket(url)
    const session = new BidiSession(socket)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return session
  }

  /** Send a command; rejects with what the browser says against it. */
  send(method: string, params: Params): Promise<Params> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  /** Call `listener` at each event of a kind, until what is returned is called. */
  on(method: string, listener: Listener): () => void {
    const others = this.#listeners.get(method) ?? new Set()
    this.#listeners.set(method, others.add(listener))
    return () => others.delete(listener)
  }

  #hear({ id, method, params, result, error, message }: Params): void {
    if (typeof method === 'string') {
      for (const listener of this.#listeners.get(method) ?? []) listener(params as Params)
      return
    }
    const waiting = this.#waiting.get(Number(id))
    this.#waiting.delete(Number(id))
    if (error === undefined) waiting?.resolve(result as Params)
    else waiting?.reject(new Error(`${JSON.stringify(error)}: ${JSON.stringify(message)}`))
  }
}
