import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeSocketPlace, removeSocketPlace, withSocketPath } from '../../../src/cli/control/socket-place.js'
import { FakeMessenger } from '../fake-messenger.js'
import { withServed } from './served.js'

describe('the place of a socket', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hallig-place-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('is made anew, whatever was left there', async () => {
    mkdirSync(join(directory, 'control'), { mode: 0o755 })
    writeFileSync(join(directory, 'control', 'socket'), 'stale')
    await makeSocketPlace(directory, 'linux')
    assert.deepEqual(readdirSync(join(directory, 'control')), [])
    if (process.platform !== 'win32') assert.equal(statSync(join(directory, 'control')).mode & 0o777, 0o700)
    await removeSocketPlace(directory)
    assert.ok(!existsSync(join(directory, 'control')))
    await removeSocketPlace(directory)
  })

  it('is reached by a detour where its path is too long for a socket', async () => {
    const deep = join(directory, 'x'.repeat(120))
    mkdirSync(deep)
    let detour = ''
    await makeSocketPlace(deep, 'linux')
    await withSocketPath(deep, 'linux', async (path) => {
      assert.ok(Buffer.byteLength(path) < 104)
      writeFileSync(path, '')
      assert.ok(existsSync(join(deep, 'control', 'socket')))
      detour = dirname(dirname(path))
      return Promise.resolve()
    })
    assert.ok(!existsSync(detour))
    assert.ok(existsSync(join(deep, 'control', 'socket')))
    if (process.platform === 'win32') return
    await withServed(
      new FakeMessenger(),
      async (served) => {
        assert.equal((await served.hello()).kind, 'connected')
      },
      { directory: deep }
    )
  })

  it('is a pipe on Windows whose name nobody can guess', async () => {
    const names: string[] = []
    for (let time = 0; time < 2; time++) {
      await makeSocketPlace(directory, 'win32')
      await withSocketPath(directory, 'win32', async (name) => Promise.resolve(names.push(name)))
    }
    for (const name of names) assert.match(name, /^\\\\\.\\pipe\\hallig-[0-9a-f-]{36}$/)
    assert.notEqual(names[0], names[1])
  })
})
