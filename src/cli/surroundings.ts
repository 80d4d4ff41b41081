import type { Readable, Writable } from 'node:stream'
import type { Battery } from './battery.js'
import type { Messenger, MessengerOptions } from '../library.js'

/** Where a command reads: the keyboard, a pipe or a file. */
export type Source = Readable & {
  readonly isTTY?: boolean | undefined
  setRawMode?: (raw: boolean) => unknown
}

/** Where a command writes: a terminal, a pipe or a file. */
export type Sink = Writable & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Everything of the outside world that the command line touches, so that a test can stand in for all of it. */
export interface Surroundings {
  readonly stdin: Source
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
  /** Who runs this, by number; undefined where users have none. */
  readonly user: number | undefined
  readonly version: string
  /** The battery this device runs on, if there is one. */
  readonly battery: () => Promise<Battery | undefined>
  /** Epoch ms. */
  readonly now: () => number
  /** How long a command waits for another that has the store and takes no others, which may just be starting or ending; ms. */
  readonly patience: number
  readonly createMessenger: (options: MessengerOptions) => Promise<Messenger>
}
