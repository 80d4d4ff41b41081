import assert from 'node:assert/strict'
import { hasSpin, verify } from './verify.js'

interface Proof {
  readonly model: string
  readonly proves: string
  /** Guards of the protocol; without one, Spin must find a way to break it. */
  readonly guards: Readonly<Record<string, string>>
  /** Fewer states, and something of the model is out of reach. */
  readonly atLeast: number
}

const proofs: readonly Proof[] = [
  {
    model: 'session-choice.pml',
    proves:
      'Invariant 12: both ends send on one session once each has seen both hellos, in every order, with losses, crashes and a lost state',
    guards: {
      LAST_DECRYPTED: 'activates what last decrypted',
      KNOWN_FIRST: 'keeps the session known first of equal generations',
      ANY_INCARNATION: 'chooses among sessions of any incarnation',
      UNCOMMITTED: 'says hello before the session is committed'
    },
    atLeast: 100_000
  },
  {
    model: 'commit-then-publish.pml',
    proves:
      'Invariants 7 and 11: no key is used twice, nothing acknowledged is lost and nothing shown twice, with a crash at every step of both ends',
    guards: {
      PUBLISH_FIRST: 'publishes before it commits',
      TWO_COMMITS: 'commits outbox and session apart',
      RESEAL: 'seals a repetition again',
      SHOW_FIRST: 'tells the user before it commits',
      ACK_FIRST: 'acknowledges before it commits',
      NO_DUPLICATES: 'keeps keys and numbers of what it took'
    },
    atLeast: 1_000_000
  }
]

describe('every state of a model (needs spin and gcc)', function () {
  this.timeout(600_000)

  before(function () {
    if (hasSpin()) return
    process.stdout.write('      spin or gcc is not installed: the Spin models are not checked here\n')
    this.skip()
  })

  for (const { model, proves, guards, atLeast } of proofs) {
    it(proves, async () => {
      const { errors, states, depth, output } = await verify(model)
      assert.equal(errors, 0, output)
      assert.ok(states >= atLeast, `${String(states)} states only`)
      assert.doesNotMatch(output, /Search not completed|max search depth too small/)
      process.stdout.write(
        `      ${model}: ${String(states)} states, ${String(depth)} steps deep, no error\n`
      )
    })

    for (const [guard, without] of Object.entries(guards)) {
      it(`${model} is refuted when it ${without}`, async () => {
        const { errors, output } = await verify(model, [guard])
        assert.equal(errors, 1, output)
        assert.match(output, /assertion violated/)
      })
    }
  }
})
