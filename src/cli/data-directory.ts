import { join } from 'node:path'
import type { Surroundings } from './surroundings.js'

/** Where everything of one identity lives: `--dir`, `$HALLIG_DIR`, or the platform's place for data of programs. */
export function dataDirectory(
  option: string | undefined,
  { env, platform, home }: Pick<Surroundings, 'env' | 'platform' | 'home'>
): string {
  const chosen = option ?? env['HALLIG_DIR'] ?? ''
  if (chosen !== '') return chosen
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'hallig')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'hallig')
  const xdg = env['XDG_DATA_HOME'] ?? ''
  return join(xdg === '' ? join(home, '.local', 'share') : xdg, 'hallig')
}

/** The store inside the directory; its key file, if it has one, is named after it by the library. */
export function storePath(directory: string): string {
  return join(directory, 'store')
}
