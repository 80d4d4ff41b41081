/** What lies under `name` in a value of which nothing is known; `undefined` where it can have no members. */
export function member(value: unknown, name: string | symbol): unknown {
  const hasMembers = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return hasMembers ? Reflect.get(value, name) : undefined
}
