import type { Messenger } from '../library.js'
import type { Call } from './call.js'
import { releaseOf } from './control/hello.js'
import { ControlServer } from './control/server.js'
import { interrupt } from './interruption.js'

/** Let other commands work with this messenger for as long as `use` takes. */
export async function serving<Result>(
  { options, output, surroundings }: Call,
  messenger: Messenger,
  passphrase: string | undefined,
  use: () => Promise<Result>
): Promise<Result> {
  const { directory } = options
  const { platform, version } = surroundings
  const release = releaseOf(version)
  const server = new ControlServer({
    messenger,
    directory,
    platform,
    release,
    passphrase,
    onWiped: interrupt
  })
  try {
    await server.listen()
  } catch (error) {
    // Nothing else depends on it.
    const reason = error instanceof Error ? error.message : String(error)
    output.remark(`Other commands have to wait until this one ends: there can be no socket here (${reason}).`)
  }
  try {
    return await use()
  } finally {
    await server.close()
  }
}
