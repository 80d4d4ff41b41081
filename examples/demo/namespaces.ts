import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Where `ip` keeps the names. */
const NAMES = '/run/netns'

/** Network namespaces of Linux: separate computers, as far as the network goes. */
export interface Namespaces {
  /** A command prefix that runs a program in the namespace of this name. */
  prefix(name: string): readonly string[]
  /** Run commands of `ip` in a namespace. */
  ip(name: string, ...commands: readonly string[]): void
  /** A cable between two namespaces: an interface at each end, neither of them up. */
  cable(one: string, oneInterface: string, other: string, otherInterface: string): void
  remove(): void
}

/**
 * Make namespaces with a loopback interface, no other interface and no route; `tag` tells them from all others of this machine.
 * Throws without root, and where there is no program `ip`.
 */
export function createNamespaces(tag: string, names: readonly string[]): Namespaces {
  const full = (name: string): string => `${tag}-${name}`
  const ip = (name: string, ...commands: readonly string[]): void => {
    run(['-n', full(name)], commands)
  }
  const remove = (): void => {
    const made = names.map(full).filter((name) => existsSync(`${NAMES}/${name}`))
    run(
      [],
      made.map((name) => `netns delete ${name}`)
    )
  }
  try {
    run(
      [],
      names.map((name) => `netns add ${full(name)}`)
    )
    for (const name of names) ip(name, 'link set lo up')
  } catch (error) {
    remove()
    throw error
  }
  return {
    ip,
    remove,
    prefix: (name) => ['ip', 'netns', 'exec', full(name)],
    cable(one, oneInterface, other, otherInterface) {
      ip(one, `link add name ${oneInterface} type veth peer name ${otherInterface} netns ${full(other)}`)
    }
  }
}

function run(where: readonly string[], commands: readonly string[]): void {
  if (commands.length === 0) return
  try {
    execFileSync('ip', [...where, '-batch', '-'], { input: commands.join('\n'), stdio: 'pipe' })
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

/** What `ip` itself says is wrong, or why it did not run. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Without the program there is nothing it could have said.
  const complaint = 'stderr' in error && error.stderr instanceof Uint8Array ? String(error.stderr).trim() : ''
  return complaint === '' ? error.message : complaint.replace(/\n.*/s, '')
}
