import { carrying } from './carry/question.js'
import { gossip } from './gossip/question.js'
import type { Question } from './harness/question.js'
import { mailbox } from './mailbox/question.js'
import { mesh } from './mesh/question.js'
import { outage } from './outage/question.js'
import { ratchet } from './ratchet/question.js'
import { start } from './start/question.js'
import { tags } from './tags/question.js'

/** Every question the benchmarks answer. */
export const questions: readonly Question[] = [carrying, gossip, mailbox, mesh, outage, ratchet, start, tags]
