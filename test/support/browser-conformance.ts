// The conformance suites, in a page that has mocha already.
import { primitives } from '../../src/crypto/backends/noble.js'
import { removeDatabase } from '../../src/storage/leveldb.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import '../crypto/aead.spec.js'
import '../crypto/dh.spec.js'
import '../crypto/rfc.spec.js'
import { conformPrimitives } from '../conformance/primitives.js'
import { storeConformance, type OpenedStore } from '../conformance/store.js'
import type { SuiteReport } from './browser-protocol.js'
import { reopenedStore } from './store-reopened.js'

let stores = 0

async function openIndexedDb(): Promise<OpenedStore> {
  const path = `store-${String(stores++)}`
  const open = (): ReturnType<typeof openLevelStore> => openLevelStore(path)
  return await reopenedStore(open, () => removeDatabase(path))
}

storeConformance('IndexedDB', openIndexedDb, { lasting: true, locked: true })
conformPrimitives('portable', primitives)

// The test of the test: this fails, and is reported to.
describe('a suite that fails', () => {
  it('is seen to', () => {
    throw new Error('as it should')
  })
})

window.runSuites = () =>
  new Promise((resolve) => {
    const report: SuiteReport = { passed: [], failed: [] }
    mocha
      .run(() => {
        resolve(report)
      })
      .on('pass', (test) => report.passed.push(test.fullTitle()))
      .on('fail', (test, error: Error) => {
        const cause = error.cause instanceof Error ? `, because of ${error.cause.message}` : ''
        report.failed.push(`${test.fullTitle()}: ${error.message}${cause}`)
      })
  })
