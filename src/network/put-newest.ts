/** Set a key as the newest of a map in the order of its keys; of more than `bound` the oldest goes. */
export function putNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, bound: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > bound && oldest !== undefined) map.delete(oldest)
}
