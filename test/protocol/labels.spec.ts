import assert from 'node:assert/strict'
import { label, labelNames } from '../../src/protocol/labels.js'
import { readSources } from '../support/package-sources.js'

/** Every `label('…')` of the sources: its name and its file. */
const uses = readSources('src').flatMap(({ path, text }) =>
  [...text.matchAll(/\blabel\(\s*'([^']+)'\s*\)/g)].map(([, name]) => ({ name, path }))
)

/** What a later version will use, so that nothing else takes its name. */
const RESERVED: readonly string[] = ['shard']

describe('protocol/labels', () => {
  it('has every label in one file only, which is its one role, and what is reserved in none', () => {
    for (const name of labelNames) {
      const files = new Set(uses.filter((use) => use.name === name).map(({ path }) => path))
      assert.equal(files.size, RESERVED.includes(name) ? 0 : 1, `${name}: ${[...files].join(', ')}`)
    }
  })

  it('is used once, or once to make and once to check', () => {
    for (const name of labelNames) assert.ok(uses.filter((use) => use.name === name).length <= 2, name)
  })

  it('has no label besides, nor one that is spelled out', () => {
    assert.deepEqual(
      uses.filter(({ name }) => !labelNames.some((known) => known === name)),
      []
    )
    const spelled = readSources('src/protocol').filter(({ text }) => /['"`]hallig\/1\//.test(text))
    assert.deepEqual(
      spelled.map(({ path }) => path),
      ['src/protocol/labels.ts']
    )
  })

  it('begins with the protocol and its version, and is the same bytes each time', () => {
    for (const name of labelNames) assert.equal(new TextDecoder().decode(label(name)), `hallig/1/${name}`)
    assert.equal(new Set(labelNames).size, labelNames.length)
  })

  it('is no beginning of another, but for the bundle, whose signature is followed by a version and not by a slash', () => {
    const pairs = labelNames.flatMap((one) =>
      labelNames.filter((other) => other !== one && other.startsWith(one)).map((other) => `${one} ${other}`)
    )
    assert.deepEqual(pairs, ['bundle bundle/id', 'bundle bundle/key'])
  })
})
