import assert from 'node:assert/strict'
import { guardedLogger } from '../../src/messenger/guarded-logger.js'

describe('messenger/guarded-logger', () => {
  it('passes on what is logged', () => {
    const logged: unknown[] = []
    const logger = guardedLogger({
      debug: (...line) => logged.push(['debug', ...line]),
      warn: (...line) => logged.push(['warn', ...line])
    })
    logger.debug('a')
    logger.warn('b', { count: 1 })
    assert.deepEqual(logged, [
      ['debug', 'a'],
      ['warn', 'b', { count: 1 }]
    ])
  })

  it('lets nothing through that the logger throws, at once or later', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      const logger = guardedLogger({
        debug: () => {
          throw new Error('no debug')
        },
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what an app that is not checked so may give
        warn: () => Promise.reject(new Error('no warn'))
      })
      logger.debug('a')
      logger.warn('b')
      // Rejections that nobody has taken are told of before the next turn.
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual(unhandled, [])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
