const LOOPBACK = /^(?:127\.|::1$)/

/** Whether an address of an interface leads back to this device itself. */
export function isLoopback(ip: string): boolean {
  return LOOPBACK.test(ip)
}
