import assert from 'node:assert/strict'
import { findingLines, verdict, type Finding } from '../../../src/cli/doctor/finding.js'
import { COLOURS, PLAIN } from '../../../src/cli/terminal/paint.js'

const finding = (state: Finding['state']): Finding => ({ what: 'Disk', state, sentence: 'Spins.' })

describe('a finding of the doctor', () => {
  it('is one line, whose sign is a word where there are no colours', () => {
    assert.deepEqual(findingLines(finding('ok'), PLAIN, Infinity), ['ok    Disk       Spins.'])
    assert.deepEqual(findingLines(finding('failure'), PLAIN, Infinity), ['BAD   Disk       Spins.'])
    assert.deepEqual(findingLines(finding('warning'), COLOURS, Infinity), [
      '\u001b[33mlook\u001b[39m  Disk       Spins.'
    ])
  })

  it('goes on under its sentence where the screen ends', () => {
    const long: Finding = { what: 'Key', state: 'ok', sentence: 'Who takes the whole device has both.' }
    assert.deepEqual(findingLines(long, COLOURS, 40), [
      '\u001b[32mok\u001b[39m    Key        Who takes the whole',
      '                 device has both.'
    ])
  })

  it('decides the verdict by the worst of them', () => {
    assert.match(verdict([finding('ok')]), /^Everything/)
    assert.match(verdict([finding('ok'), finding('warning')]), /look/)
    assert.match(verdict([finding('failure'), finding('warning')]), /BAD/)
  })
})
