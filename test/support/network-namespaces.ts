import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createNamespaces as createBareNamespaces } from '../../examples/demo/namespaces.js'

/** Separate computers, as far as the network goes, and cables with an address at each end. */
export interface Namespaces extends Pick<
  ReturnType<typeof createBareNamespaces>,
  'prefix' | 'ip' | 'remove'
> {
  /** Run another program in a namespace, such as `iptables`; returns what it writes. */
  run(name: string, command: string): string
  /** A cable between two namespaces, with an address for each end; the interfaces are called after the other end. */
  cable(one: string, oneAddress: string, other: string, otherAddress: string): void
}

/** Whether this process may make namespaces: it needs root, and the program `ip`. */
export function canMakeNamespaces(): boolean {
  try {
    createBareNamespaces(freshTag(), ['probe']).remove()
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

/** Of every ten packets the first, the next and the sixth; a rule counts what those before it let through. */
const THREE_OF_TEN = ['--every 10 --packet 0', '--every 9 --packet 0', '--every 8 --packet 3']

/**
 * What ends the rules of `iptables` that together lose 30 % of all packets, never more than a few in a row. By chance all tries of TCP to send
 * one packet are lost now and then, and as each waits twice as long as the one before, the link is silent for longer than a dead one may be.
 */
export function loseEvenly(): string[] {
  return THREE_OF_TEN.map((which) => `-m statistic --mode nth ${which} -j DROP`)
}

/** A discipline of `tc` that lets through so many kilobits a second. */
export function narrow(kilobits: number): string {
  return `tbf rate ${String(kilobits)}kbit burst 1600 limit 30000`
}

/** Make namespaces with a loopback interface, no other interface and no route. */
export function createNamespaces(names: readonly string[]): Namespaces {
  const { prefix, ip, remove, cable } = createBareNamespaces(freshTag(), names)
  return {
    prefix,
    ip,
    remove,
    run(name, command) {
      const [program = '', ...args] = [...prefix(name), ...command.split(' ')]
      return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
    },
    cable(one, oneAddress, other, otherAddress) {
      cable(one, other, other, one)
      ip(one, `addr add ${oneAddress} dev ${other}`, `link set ${other} up`)
      ip(other, `addr add ${otherAddress} dev ${one}`, `link set ${one} up`)
    }
  }
}

function freshTag(): string {
  return `hallig-${randomUUID().slice(0, 6)}`
}
