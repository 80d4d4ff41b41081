import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBattery } from '../../src/cli/battery.js'

describe('the battery', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hallig-battery-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  async function supply(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(directory, name))
    for (const [file, text] of Object.entries(files))
      await writeFile(join(directory, name, file), `${text}\n`)
  }

  it('has a level, and is being charged or not', async () => {
    await supply('AC', { type: 'Mains', online: '0' })
    await supply('BAT0', { type: 'Battery', capacity: '42', status: 'Discharging' })
    assert.deepEqual(await readBattery(directory), { level: 0.42, charging: false })
    await supply('BAT1', { type: 'Battery', capacity: '80', status: 'Charging' })
    assert.deepEqual(await readBattery(directory), { level: 0.8, charging: true })
  })

  it('is not that of a mouse, nor one that says nothing of itself', async () => {
    await supply('hid', { type: 'Battery', scope: 'Device', capacity: '90', status: 'Discharging' })
    await supply('BAT0', { type: 'Battery', capacity: 'unknown' })
    await supply('BAT1', { type: 'Battery' })
    await supply('BAT2', { type: 'Battery', capacity: '130' })
    assert.equal(await readBattery(directory), undefined)
    assert.equal(await readBattery(join(directory, 'nowhere')), undefined)
  })
})
