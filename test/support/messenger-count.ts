/** How many there are. */
export async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  const iterator = items[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true) count++
  return count
}
