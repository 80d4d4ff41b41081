import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './settings.js'

/** Where Linux tells of batteries and chargers. */
export const POWER_SUPPLIES = '/sys/class/power_supply'

/** What is known of the device's battery: 0 (empty) to 1 (full). */
export interface Battery {
  readonly level: number
  readonly charging: boolean
}

/** The battery of this device, the fullest if there are several; `undefined` where there is none or nothing tells of it. */
export async function readBattery(directory = POWER_SUPPLIES): Promise<Battery | undefined> {
  const supplies = await entriesOf(directory)
  let battery: Battery | undefined
  for (const supply of supplies) {
    const read = async (name: string): Promise<string> => await textOf(join(directory, supply, name))
    // A mouse has a battery, too, but not one that this device runs on.
    if ((await read('type')) !== 'Battery' || (await read('scope')) === 'Device') continue
    const level = Number.parseInt(await read('capacity'), 10) / 100
    if (!(level >= 0 && level <= 1)) continue
    const charging = ['Charging', 'Full', 'Not charging'].includes(await read('status'))
    if (battery === undefined || level > battery.level) battery = { level, charging }
  }
  return battery
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return []
    throw error
  }
}

/** The text of such a file; empty if there is none, or it cannot be read at the moment, as when a battery is taken out. */
async function textOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch {
    return ''
  }
}
