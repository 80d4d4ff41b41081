import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { orbitDirectory, peersDirectory, root } from './paths.js'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly system: string
  /** File system of the directory for stores, `$TMPDIR`: a durable write to memory costs nothing and proves nothing. */
  readonly disk: string
}

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: `${String(Math.round(totalmem() / 2 ** 30))} GiB`,
    system: `${type()} ${release()}`,
    disk: diskType()
  }
}

function diskType(): string {
  try {
    const text = execFileSync('df', ['-PT', tmpdir()], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    })
    return text.trim().split('\n').at(-1)?.split(/\s+/)[1] ?? 'unknown'
  } catch {
    // Not every system has this `df`; then the reader must know.
    return 'unknown'
  }
}

/** The versions of Node, of the library and of the packages a question names. */
export function describeVersions(packages: readonly string[]): Readonly<Record<string, string>> {
  const found = packages.map((name) => [name, installedVersion(name)] as const)
  return { node: process.versions.node, hallig: versionIn(root) ?? 'unknown', ...Object.fromEntries(found) }
}

function installedVersion(name: string): string {
  const places = [root, peersDirectory, orbitDirectory].map((place) => join(place, 'node_modules', name))
  return places.map(versionIn).find((version) => version !== undefined) ?? 'not installed'
}

function versionIn(directory: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return undefined
    return typeof manifest.version === 'string' ? manifest.version : undefined
  } catch {
    return undefined
  }
}
