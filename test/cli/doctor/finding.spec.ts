import assert from 'node:assert/strict'
import { findingLine, verdict, type Finding } from '../../../src/cli/doctor/finding.js'
import { COLOURS, PLAIN } from '../../../src/cli/terminal/paint.js'

const finding = (state: Finding['state']): Finding => ({ what: 'Disk', state, sentence: 'Spins.' })

describe('a finding of the doctor', () => {
  it('is one line, whose sign is a word where there are no colours', () => {
    assert.equal(findingLine(finding('ok'), PLAIN), 'ok    Disk       Spins.')
    assert.equal(findingLine(finding('failure'), PLAIN), 'BAD   Disk       Spins.')
    assert.equal(findingLine(finding('warning'), COLOURS), '\u001b[33mlook\u001b[39m  Disk       Spins.')
  })

  it('decides the verdict by the worst of them', () => {
    assert.match(verdict([finding('ok')]), /^Everything/)
    assert.match(verdict([finding('ok'), finding('warning')]), /look/)
    assert.match(verdict([finding('failure'), finding('warning')]), /BAD/)
  })
})
