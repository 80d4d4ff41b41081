import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { mayMount } from './store-disk.js'
import { temporaryDirectory, type TemporaryDirectory } from './store-temporary.js'

/** Cuts the file system off its disk as a power failure would: what was not flushed is gone (EXT4_IOC_SHUTDOWN, no log flush). */
const SHUTDOWN = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))`

export interface PowerCutDisk {
  readonly path: string
  /** Puts everything written so far on the disk. */
  flush(): void
  /** Loses everything that is not on the disk; the file system is unusable until {@link PowerCutDisk.restart}. */
  cut(): void
  /** Mounts the disk again, as after the power came back. */
  restart(): void
  unmount(): void
}

/** A disk whose power can be cut for each test of a suite, which is skipped where there is none. */
export function powerCutDisks(): () => PowerCutDisk {
  let directory: TemporaryDirectory
  let disk: PowerCutDisk | undefined
  beforeEach(async function () {
    directory = await temporaryDirectory()
    disk = await mountPowerCutDisk(directory.path)
    if (disk === undefined) {
      console.log('    not tested here: cutting the power of a disk needs root, mkfs.ext4 and python3')
      this.skip()
    }
  })
  afterEach(async () => {
    disk?.unmount()
    await directory.remove()
  })
  return () => {
    if (disk === undefined) throw new Error('There is no disk outside of a test')
    return disk
  }
}

/** An ext4 disk of its own in `directory` whose power can be cut; `undefined` where that is not possible. */
async function mountPowerCutDisk(directory: string): Promise<PowerCutDisk | undefined> {
  let image = `${directory}/image`
  const path = `${directory}/disk`
  if (!mayMount()) return undefined
  await mkdir(path, { recursive: true })
  const mount = (): boolean => ran('mount', '-o', 'loop', image, path)
  const ready =
    ran('python3', '--version') &&
    ran('truncate', '-s', '200M', image) &&
    ran('mkfs.ext4', '-q', '-F', image) &&
    mount()
  if (!ready) return undefined
  return {
    path,
    flush: () => must(ran('sync', '--file-system', path), 'flush the disk'),
    cut: () => must(ran('python3', '-c', SHUTDOWN, path), 'cut the power'),
    restart: () => {
      // What reached the disk, as a disk of its own: a process that was started in another namespace may still hold the old one.
      const old = image
      image = `${old}+`
      const again =
        ran('umount', '-l', path) && ran('cp', '--sparse=always', old, image) && ran('rm', old) && mount()
      must(again, 'mount the disk again')
    },
    unmount: () => void ran('umount', '-l', path)
  }
}

function ran(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function must(done: boolean, what: string): void {
  if (!done) throw new Error(`Could not ${what}`)
}
