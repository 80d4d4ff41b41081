/** The topic of a network: `/hallig/1/<network>/<shard>`, and version 1 has one shard, so that everybody is hidden among all. */
export function topicName(networkName: string): string {
  return `/hallig/1/${networkName}/0`
}
