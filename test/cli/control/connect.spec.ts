import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectToHolder } from '../../../src/cli/control/connect.js'
import { encodeWelcome } from '../../../src/cli/control/hello.js'
import { makeSocketPlace, withSocketPath } from '../../../src/cli/control/socket-place.js'
import { closing, framed } from './served.js'

describe('a command that looks for the one that has the store', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-connect-'))
  after(() => rmSync(directory, { recursive: true }))

  const attempt = async () =>
    connectToHolder(directory, process.platform, { release: '1' }, () => new Error('lost'))

  it('finds nobody where nothing is, and where whoever answers is none of ours', async () => {
    assert.deepEqual(await attempt(), { kind: 'nobody' })
    await makeSocketPlace(directory, process.platform)
    assert.deepEqual(await attempt(), { kind: 'nobody' })
    let answer: (socket: Socket) => void = () => undefined
    const server = createServer((socket) => answer(socket))
    await withSocketPath(directory, process.platform, async (path) => {
      await new Promise<void>((resolve) => server.listen(path, resolve))
    })
    const nonsense = [
      Buffer.from('nonsense'.repeat(100)),
      framed(Buffer.from('nonsense')),
      framed(encodeWelcome({ kind: 'welcome', id: 'no id', name: '' })),
      Buffer.alloc(0)
    ]
    for (const bytes of nonsense) {
      const closed = new Promise<void>((resolve) => {
        answer = (socket) => {
          void closing(socket).then(resolve)
          socket.end(bytes)
        }
      })
      assert.deepEqual(await attempt(), { kind: 'nobody' })
      await closed
    }
    await new Promise((resolve) => server.close(resolve))
  })
})
