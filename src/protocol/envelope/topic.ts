/** Most shards a network may have: gossipsub silently drops large topic lists. */
const MAX_SHARD_BITS = 6

/** The topic of one shard of a network: `/hallig/1/<network>/<shard>`. */
export function topicName(networkName: string, shard: number): string {
  return `/hallig/1/${networkName}/${String(shard)}`
}

/** All topics of a network whose shards are named by the first `bits` bits (0: one shard for everyone). */
export function topicNames(networkName: string, bits: number): string[] {
  return Array.from({ length: 2 ** Math.min(bits, MAX_SHARD_BITS) }, (_, shard) =>
    topicName(networkName, shard)
  )
}
