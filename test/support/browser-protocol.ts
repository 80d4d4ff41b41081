/** What a page can be asked to do. */
export type PageVerb =
  'open' | 'add' | 'say' | 'write' | 'history' | 'waiting' | 'read' | 'wipe' | 'wipeStore' | 'close'

/** What a page opens its messenger with. */
export interface PageOptions {
  /** Name of the database. */
  readonly path: string
  readonly networkName: string
  readonly bootstrap: readonly string[]
  /** Whether it is left to the library what unlocks the store; else it is a passphrase. */
  readonly byKeyFile?: boolean
  /** `power-loss` if not given. */
  readonly durability?: 'power-loss' | 'process-crash'
  /** Whether its store acknowledges before it has anything: the twin of a test. */
  readonly lazy?: boolean
}

/** Texts of a conversation, in its order. */
export interface PageHistory {
  readonly own: readonly string[]
  readonly theirs: readonly string[]
}

/** What came of it, or the code of the error. */
export type PageAnswer = { readonly result: unknown } | { readonly failed: string }

/** What a page tells by itself. */
export type PageNews =
  | { readonly received: string }
  | { readonly sent: string }
  | { readonly reached: string }
  | { readonly updated: string; readonly status: string }

/** Titles of tests, and what those that failed said. */
export interface SuiteReport {
  readonly passed: string[]
  readonly failed: string[]
}

declare global {
  interface Window {
    /** Of the page, for the test. */
    ask(verb: PageVerb, argument: string): Promise<PageAnswer>
    /** Of the page with the conformance suites. */
    runSuites(): Promise<SuiteReport>
    /** Of the test, for the page. */
    tell(news: PageNews): void
  }
}
