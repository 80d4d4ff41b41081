import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

/** Two network namespaces of Linux and a cable between them: two computers on a LAN without a router. */
export interface Cable {
  /** Commands that run a program at either end. */
  readonly ends: readonly [readonly string[], readonly string[]]
  /** Bytes that have passed in both directions, with the frames of Ethernet, IP, TCP and UDP. */
  bytes(): number
  remove(): void
}

/** Lay a cable; throws where this needs rights that we do not have. */
export function layCable(): Cable {
  const tag = randomUUID().slice(0, 6)
  const names = [`bench-${tag}-a`, `bench-${tag}-b`] as const
  const [one, other] = names
  try {
    for (const name of names) {
      ip('netns', 'add', name)
      ip('-n', name, 'link', 'set', 'lo', 'up')
    }
    ip('-n', one, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', other)
    for (const [index, name] of names.entries()) {
      ip('-n', name, 'addr', 'add', `10.79.0.${String(index + 1)}/24`, 'dev', 'cable')
      ip('-n', name, 'addr', 'add', `fd79::${String(index + 1)}/64`, 'dev', 'cable', 'nodad')
      ip('-n', name, 'link', 'set', 'cable', 'up')
    }
  } catch (error) {
    removeAll(names)
    throw error
  }
  return {
    ends: [
      ['ip', 'netns', 'exec', one],
      ['ip', 'netns', 'exec', other]
    ],
    bytes: () => bytesThrough(one),
    remove: () => {
      removeAll(names)
    }
  }
}

function bytesThrough(name: string): number {
  const table = execFileSync('ip', ['netns', 'exec', name, 'cat', '/proc/net/dev'], { encoding: 'utf8' })
  const line = table.split('\n').find((candidate) => candidate.trim().startsWith('cable:'))
  // Received bytes first, sent bytes ninth.
  const counts = line?.split(':')[1]?.trim().split(/\s+/).map(Number) ?? []
  return (counts[0] ?? NaN) + (counts[8] ?? NaN)
}

function removeAll(names: readonly string[]): void {
  for (const name of names) execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
