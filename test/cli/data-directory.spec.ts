import assert from 'node:assert/strict'
import { join } from 'node:path'
import { dataDirectory, storePath } from '../../src/cli/data-directory.js'

describe('the data directory', () => {
  const home = '/home/alice'

  it('is what was asked for, then HALLIG_DIR', () => {
    const env = { HALLIG_DIR: '/there', XDG_DATA_HOME: '/xdg' }
    assert.equal(dataDirectory('/here', { env, platform: 'linux', home }), '/here')
    assert.equal(dataDirectory(undefined, { env, platform: 'linux', home }), '/there')
  })

  it('is the place of the platform otherwise', () => {
    const at = (platform: NodeJS.Platform, env: Record<string, string> = {}): string =>
      dataDirectory(undefined, { env, platform, home })
    assert.equal(at('linux'), join(home, '.local/share/hallig'))
    assert.equal(at('linux', { XDG_DATA_HOME: '/xdg' }), join('/xdg', 'hallig'))
    assert.equal(at('darwin'), join(home, 'Library/Application Support/hallig'))
    assert.equal(at('win32', { LOCALAPPDATA: '/local' }), join('/local', 'hallig'))
    assert.equal(at('win32'), join(home, 'AppData/Local/hallig'))
  })

  it('holds the store', () => {
    assert.equal(storePath('/here'), join('/here', 'store'))
  })
})
