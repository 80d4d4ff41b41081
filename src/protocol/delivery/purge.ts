import type { RandomSource } from '../../crypto/random.js'
import { MAX_RELEASE_WAIT, MIN_RELEASE_WAIT } from '../limits.js'

/** When others may learn that an envelope has arrived, epoch ms: at a random moment, so that it tells little of when it was read. */
export function releaseTime(now: number, random: RandomSource): number {
  const [high = 0, low = 0] = random(2)
  const share = (high * 256 + low) / 0x1_0000
  return now + MIN_RELEASE_WAIT + Math.floor(share * (MAX_RELEASE_WAIT - MIN_RELEASE_WAIT))
}
