import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

/** Network namespaces of Linux: separate computers, as far as the network goes. */
export interface Namespaces {
  /** A command prefix that runs a program in the namespace of this name. */
  prefix(name: string): readonly string[]
  /** Run `ip` in a namespace. */
  ip(name: string, command: string): void
  /** Run another program in a namespace, such as `iptables`; returns what it writes. */
  run(name: string, command: string): string
  /** A cable between two namespaces, with an address for each end; the interfaces are called after the other end. */
  cable(one: string, oneAddress: string, other: string, otherAddress: string): void
  remove(): void
}

/** Whether this process may make namespaces: it needs root, and the program `ip`. */
export function canMakeNamespaces(): boolean {
  try {
    createNamespaces(['probe']).remove()
    return true
  } catch (error) {
    process.stdout.write(`    no network namespaces here: ${String(error).split('\n', 1)[0] ?? ''}\n`)
    return false
  }
}

/** Whether there are programs to lose, refuse and hold back packets in a namespace, and a kernel that does so. */
export function canDisturb(): boolean {
  const namespaces = createNamespaces(['probe'])
  try {
    namespaces.run('probe', `iptables -A INPUT ${lose(0.5)}`)
    namespaces.run('probe', `tc qdisc add dev lo root ${narrow(10)}`)
    return true
  } catch (error) {
    process.stdout.write(`    no disturbed networks here: ${String(error).split('\n', 2).join(' ')}\n`)
    return false
  } finally {
    namespaces.remove()
  }
}

/** What ends a rule of `iptables` that loses this share of all packets. */
export function lose(share: number): string {
  return `-m statistic --mode random --probability ${String(share)} -j DROP`
}

/** A discipline of `tc` that lets through so many kilobits a second. */
export function narrow(kilobits: number): string {
  return `tbf rate ${String(kilobits)}kbit burst 1600 limit 30000`
}

/** Make namespaces with a loopback interface, no other interface and no route. */
export function createNamespaces(names: readonly string[]): Namespaces {
  const tag = randomUUID().slice(0, 6)
  const full = (name: string): string => `hallig-${tag}-${name}`
  const ip = (name: string, command: string): void => {
    run(['-n', full(name), ...command.split(' ')])
  }
  const prefix = (name: string): readonly string[] => ['netns', 'exec', full(name)]
  const made: string[] = []
  const remove = (): void => {
    for (const name of made.splice(0)) run(['netns', 'delete', full(name)])
  }
  try {
    for (const name of names) {
      run(['netns', 'add', full(name)])
      made.push(name)
      ip(name, 'link set lo up')
    }
  } catch (error) {
    remove()
    throw error
  }
  return {
    ip,
    remove,
    prefix: (name) => ['ip', ...prefix(name)],
    run(name, command) {
      return run([...prefix(name), ...command.split(' ')])
    },
    cable(one, oneAddress, other, otherAddress) {
      run(['-n', full(one), 'link', 'add', other, 'type', 'veth', 'peer', 'name', one, 'netns', full(other)])
      for (const [name, device, address] of [
        [one, other, oneAddress],
        [other, one, otherAddress]
      ] as const) {
        ip(name, `addr add ${address} dev ${device}`)
        ip(name, `link set ${device} up`)
      }
    }
  }
}

function run(args: readonly string[]): string {
  return execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
}
