/** What a result counts; a median of it is printed with this unit. */
export type Unit =
  'msg/s' | 'env/s' | 'µs/msg' | 'µs' | 'ms' | 's' | 'B' | 'MB' | 'kB/min' | '%' | 'min' | 'copies' | 'B/B'

export interface RunOptions {
  /** How often everything is measured; the subjects take turns within a round. */
  readonly rounds: number
  /** Takes one measurement of a named result. */
  readonly record: (name: string, unit: Unit, value: number) => void
  /** Tells people how the run goes. */
  readonly say: (line: string) => void
}

/** What the project promises of the answer. */
export interface Target {
  readonly text: string
  /** Whether the medians meet it; a result that was not measured is NaN. */
  readonly met: (median: (name: string) => number) => boolean
}

/** One question a benchmark answers. */
export interface Question {
  readonly name: string
  /** One sentence: what is measured. */
  readonly asks: string
  readonly rounds: number
  /** Packages whose versions matter to the answer. */
  readonly packages: readonly string[]
  /** Whether it compares with packages of `benchmarks/package.json`. */
  readonly needsPeers: boolean
  readonly targets: readonly Target[]
  readonly run: (options: RunOptions) => Promise<void>
}
