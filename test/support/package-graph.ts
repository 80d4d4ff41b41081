import { importsOf, targetsOf, type PackageJson, type SourceText } from './package-sources.js'

/** Who imports whom, by path from the package root. */
export type Graph = ReadonlyMap<string, readonly string[]>

export interface GraphOptions {
  /** Leave out what the compiler erases. */
  readonly loadedOnly?: boolean
  /** Follow `#name` imports under this condition only. */
  readonly condition?: 'node' | 'default'
}

export function graphOf(
  sources: readonly SourceText[],
  conditions: PackageJson['imports'],
  options: GraphOptions = {}
): Graph {
  return new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ typeOnly }) => !(typeOnly && options.loadedOnly))
        .flatMap(({ specifier }) => targetsOf(source.path, specifier, conditions, options.condition))
    ])
  )
}

/** Every file that one of `entries` leads to, themselves included. */
export function reachable(graph: Graph, entries: readonly string[]): Set<string> {
  const seen = new Set<string>()
  const open = [...entries]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    open.push(...(graph.get(path) ?? []))
  }
  return seen
}

/** Files that lead back to themselves, each with one shortest way round. */
export function cycles(graph: Graph): string[] {
  const found = new Map<string, string>()
  for (const start of graph.keys()) {
    const way = wayBack(graph, start)
    if (!way) continue
    const name = [...way].sort().join(' ')
    if (!found.has(name)) found.set(name, [...way, start].join(' → '))
  }
  return [...found.values()]
}

function wayBack(graph: Graph, start: string): string[] | undefined {
  const seen = new Set<string>()
  let ways: string[][] = [[start]]
  while (ways.length > 0) {
    const longer: string[][] = []
    for (const way of ways) {
      for (const next of graph.get(way.at(-1) ?? start) ?? []) {
        if (next === start) return way
        if (seen.has(next)) continue
        seen.add(next)
        longer.push([...way, next])
      }
    }
    ways = longer
  }
  return undefined
}
