import { Child } from './child.js'
import type { PersonProcess } from './person-process.js'
import type { ObserverOrder, ObserverReport, Secret, Sight } from './reports.js'

/** The observer as the demonstration sees it. */
export class ObserverProcess {
  readonly #child: Child<ObserverOrder, ObserverReport>
  #neighbours: readonly string[] = []

  /** `prefix` is a command that it runs under. */
  constructor(prefix: readonly string[]) {
    this.#child = new Child<ObserverOrder, ObserverReport>('The observer', 'observer.js', {
      prefix,
      onReport: (report) => {
        if (report.kind === 'neighbours') this.#neighbours = report.peers
      }
    })
  }

  get pid(): number {
    return this.#child.pid
  }

  async watch(topic: string): Promise<void> {
    this.#child.tell({ kind: 'watch', topic })
    await this.#child.next('watching', 'join the topic')
  }

  /** Link to somebody who listens, and wait until both know that they share the topic. */
  async linkTo({ name, peer, addresses }: PersonProcess): Promise<void> {
    const address = addresses.find((candidate) => !candidate.includes('/ws'))
    if (address === undefined) return
    this.#child.tell({ kind: 'dial', address })
    await this.#child.until(`link to ${name}`, () => this.#neighbours.includes(peer))
  }

  async search(secrets: readonly Secret[]): Promise<Sight> {
    this.#child.tell({ kind: 'search', secrets })
    return (await this.#child.next('saw', 'look through what was seen')).sight
  }

  async close(): Promise<void> {
    this.#child.tell({ kind: 'close' })
    await this.#child.endOfItself()
  }
}
