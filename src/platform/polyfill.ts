/**
 * js-libp2p 3 calls `Promise.withResolvers` while it starts; Node 20 and browsers before 2024 lack it. Loaded before
 * libp2p wherever that is used, and nowhere else. Delete this file when `engines` starts at Node 22.
 */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>['resolve'] = () => undefined
  let reject: PromiseWithResolvers<T>['reject'] = () => undefined
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}

if (!('withResolvers' in Promise)) {
  Object.defineProperty(Promise, 'withResolvers', {
    value: withResolvers,
    configurable: true,
    writable: true
  })
}
