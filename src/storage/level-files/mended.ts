import type { Write } from '../store.js'

/** What is left of a database. */
export interface Mended {
  /** A part of it is gone. */
  readonly isLost: boolean
  /** The last write of each key in its logs, which LevelDB has to find when it opens; none where a part is gone. */
  readonly logged: readonly Write[]
  /** What LevelDB will call the state in which it opens the database, unless somebody else opens it before. */
  readonly next: string | undefined
}
