import assert from 'node:assert/strict'
import { Events } from '../../src/messenger/events.js'

describe('messenger/events', () => {
  it('knows whether anybody listens', () => {
    const events = new Events()
    const heard: string[] = []
    const listener = ({ detail }: CustomEvent<{ readonly reason: string }>): void => {
      heard.push(detail.reason)
    }
    assert.equal(events.hears('envelope:reject'), false)
    events.emit('envelope:reject', { reason: 'nobody' })
    events.addEventListener('envelope:reject', listener)
    assert.equal(events.hears('envelope:reject'), true)
    assert.equal(events.hears('peer:update'), false)
    events.emit('envelope:reject', { reason: 'somebody' })
    events.removeEventListener('envelope:reject', listener)
    assert.equal(events.hears('envelope:reject'), false)
    assert.deepEqual(heard, ['somebody'])
  })

  it('tells nobody of anything once the messenger is closed', () => {
    const events = new Events()
    const heard: number[] = []
    events.addEventListener('peer:update', ({ detail }) => heard.push(detail.peers))
    events.emit('peer:update', { peers: 1 })
    events.end()
    events.emit('peer:update', { peers: 2 })
    assert.deepEqual(heard, [1])
  })
})
