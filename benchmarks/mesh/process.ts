import { performance } from 'node:perf_hooks'
import { percentile } from '../harness/summary.js'
import { untilQuiet } from '../harness/quiet.js'
import { serve, type Commands } from '../harness/serve.js'
import { MESSAGE_BYTES } from '../gossip/numbered-text.js'
import { Crowd } from './crowd.js'
import { SocketBytes } from './socket-bytes.js'

/** Longest wait for the last message, ms. */
const PATIENCE = 30_000
/** Longest wait until links, meshes and first sessions are settled, ms. */
const SETTLE = 180_000

const bytes = new SocketBytes()
const crowd = new Crowd()

/** Share delivered in %, median and 99th percentile of the delay in ms, bytes on all links per byte delivered, MB resident, share of the time the process was busy in %. */
async function pace(count: number, interval: number): Promise<readonly number[]> {
  const before = bytes.total
  const loop = performance.eventLoopUtilization()
  const { sent, delays } = await crowd.pace(count, interval, PATIENCE)
  const onWire = bytes.total - before
  // What never arrived is later than everything that did.
  const all = [...delays, ...Array.from({ length: sent - delays.length }, () => Infinity)]
  return [
    (100 * delays.length) / sent,
    percentile(all, 0.5),
    percentile(all, 0.99),
    onWire / (delays.length * MESSAGE_BYTES),
    process.memoryUsage.rss() / 1e6,
    100 * performance.eventLoopUtilization(loop).utilization
  ]
}

const commands: Commands = {
  start: async (shape, nodes) => {
    await crowd.start(shape === 'star' ? 'star' : 'mesh', Number(nodes))
    return undefined
  },
  meet: async () => {
    await crowd.meet()
    return undefined
  },
  settle: async () => 100 * (await untilQuiet(SETTLE)),
  pace: (count, interval) => pace(Number(count), Number(interval))
}
serve(commands, async () => {
  bytes.stop()
  await crowd.close()
})
