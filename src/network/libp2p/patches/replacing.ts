/** The same object, but for one of its members. */
export function replacing<Target extends object, Key extends keyof Target>(
  target: Target,
  key: Key,
  value: Target[Key]
): Target {
  return new Proxy(target, {
    get: (real, name): unknown => (name === key ? value : Reflect.get(real, name))
  })
}
