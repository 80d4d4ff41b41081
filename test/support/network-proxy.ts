import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'

export interface ProxyOptions {
  /** Milliseconds that everything is under way, in each direction; TCP's own greeting takes one round trip. */
  readonly latencyMs?: number
}

/** A TCP relay that can be long, and can stop relaying without closing anything: a link that is dead and does not say so. */
export interface Proxy {
  /** Where to connect, as a multiaddr. */
  readonly address: string
  /** Relay nothing more of the connections open now: in either direction, or only of what who has dialled says. */
  freeze(direction?: 'there'): void
  close(): Promise<void>
}

/** Relay to a TCP multiaddr on this machine. */
export async function createProxy(target: string, { latencyMs = 0 }: ProxyOptions = {}): Promise<Proxy> {
  const [, , host = '', , port = ''] = target.split('/')
  const ways = new Set<{ readonly from: Socket; readonly cable: Cable; readonly isBack: boolean }>()
  const server = createServer((inbound) => {
    const outbound = connect(Number(port), host)
    // Who connects may speak when its greeting has come back; here the relay answered that at once.
    const greetedAt = performance.now() + 2 * latencyMs
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound]
    ] as const) {
      const cable = new Cable(latencyMs, greetedAt)
      const way = { from, cable, isBack: from === outbound }
      ways.add(way)
      from.pipe(cable).pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        // What it said before it ended is under way.
        if (from.readableEnded) return
        cable.destroy()
        to.destroy()
      })
      cable.on('close', () => ways.delete(way))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `/ip4/127.0.0.1/tcp/${portOf(server.address())}`,
    freeze(direction) {
      for (const { from, cable, isBack } of ways) {
        if (isBack && direction === 'there') continue
        from.unpipe()
        from.pause()
        cable.unpipe()
      }
    },
    async close() {
      for (const { from } of ways) from.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** One direction of a connection: what goes in comes out later, in its order. */
class Cable extends Transform {
  readonly #latencyMs: number
  readonly #opensAt: number
  /** What is to be done for each piece that is under way, and when. */
  readonly #underWay: { readonly at: number; readonly arrive: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(latencyMs: number, opensAt: number) {
    super()
    this.#latencyMs = latencyMs
    this.#opensAt = opensAt
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, taken: TransformCallback): void {
    this.#send(() => this.push(piece))
    taken()
  }

  override _flush(ended: TransformCallback): void {
    this.#send(ended)
  }

  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    destroyed(error)
  }

  #send(arrive: () => void): void {
    if (this.#latencyMs === 0) {
      arrive()
      return
    }
    this.#underWay.push({ at: Math.max(performance.now(), this.#opensAt) + this.#latencyMs, arrive })
    this.#timer ??= setTimeout(this.#deliver, this.#latencyMs)
  }

  readonly #deliver = (): void => {
    this.#timer = undefined
    for (let first = this.#underWay[0]; first !== undefined; first = this.#underWay[0]) {
      const wait = first.at - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(this.#deliver, wait)
        return
      }
      this.#underWay.shift()
      first.arrive()
    }
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
