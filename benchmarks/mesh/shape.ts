/** Links each node opens to those that started before it. */
const DEGREE = 4

/** Who links to whom: a network in which everybody knows a few, or a hub that all others know. */
export type Shape = 'mesh' | 'star'

/** For each node the earlier ones it dials. `random` draws from 0 to below 1. */
export function linksOf(shape: Shape, nodes: number, random: () => number): readonly (readonly number[])[] {
  return Array.from({ length: nodes }, (_, node) => {
    if (shape === 'star') return node === 0 ? [] : [0]
    const earlier = Array.from({ length: node }, (_unused, other) => other)
    return Array.from({ length: Math.min(DEGREE, node) }, () => takeOne(earlier, random))
  })
}

/** Everybody in pairs that write to each other; of an odd number the first, a star's hub, is left out. */
export function pairsOf(nodes: number, random: () => number): readonly (readonly [number, number])[] {
  const first = nodes % 2
  const waiting = Array.from({ length: nodes - first }, (_, node) => first + node)
  return Array.from({ length: waiting.length / 2 }, () => [
    takeOne(waiting, random),
    takeOne(waiting, random)
  ])
}

function takeOne(from: number[], random: () => number): number {
  const [taken] = from.splice(Math.floor(random() * from.length), 1)
  if (taken === undefined) throw new RangeError('There is nothing left to take')
  return taken
}
