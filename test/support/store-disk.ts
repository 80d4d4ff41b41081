import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'

export interface SmallDisk {
  readonly path: string
  unmount(): void
}

/** Whether this process may mount a disk of its own: only root, and not in every container. */
export function mayMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

/** A disk in memory of `mebibytes`, and for `files` files and directories, mounted at `path`; `undefined` where that is not allowed. */
export async function mountSmallDisk(
  path: string,
  mebibytes: number,
  files = 0
): Promise<SmallDisk | undefined> {
  if (!mayMount()) return undefined
  await mkdir(path, { recursive: true })
  const options = `size=${String(mebibytes)}m,nr_inodes=${String(files)}`
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  if (mounted.status !== 0) return undefined
  return { path, unmount: () => void spawnSync('umount', ['-l', path]) }
}

/** Runs a module in a process whose writes to files all fail, as on a full disk; what it prints. Needs a POSIX shell. */
export function runWithoutSpace(module: string): string {
  // Files can still be made and emptied: only that they grow is refused.
  const limited = ['-c', 'ulimit -f 0 && exec "$0" --input-type=module --eval "$1"', process.execPath, module]
  const { stdout, stderr, status } = spawnSync('sh', limited, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
