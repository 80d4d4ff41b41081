import type { FuzzTarget } from './target.js'
import { identityTargets } from './targets/identity-targets.js'
import { messageTargets } from './targets/message-targets.js'
import { createMessengerTargets } from './targets/messenger-targets.js'
import { parcelFileTarget } from './targets/parcel-file-target.js'
import { plainTargets } from './targets/plain-targets.js'
import { pqPieceTarget } from './targets/pq-piece-target.js'
import { recordTargets } from './targets/record-targets.js'
import { requestTarget } from './targets/request-target.js'

/** Everything that takes in bytes of others. */
export async function createTargets(): Promise<readonly FuzzTarget[]> {
  return [
    ...plainTargets,
    ...identityTargets,
    ...messageTargets,
    ...recordTargets,
    parcelFileTarget,
    pqPieceTarget,
    requestTarget,
    ...(await createMessengerTargets())
  ]
}

/** So many inputs divided by the targets' weights; every target gets some. */
export function divide(targets: readonly FuzzTarget[], inputs: number): ReadonlyMap<FuzzTarget, number> {
  const all = targets.reduce((sum, { weight }) => sum + weight, 0)
  return new Map(targets.map((target) => [target, Math.max(1, Math.round((inputs * target.weight) / all))]))
}
