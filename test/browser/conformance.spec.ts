import assert from 'node:assert/strict'
import pageAssert from '../support/browser-assert.js'
import { BROWSERS, evaluate, startBrowser } from '../support/browser.js'
import { serveSite } from '../support/browser-site.js'

for (const name of BROWSERS)
  describe(`in ${name}`, () => {
    it('the store in IndexedDB and the portable backend do what every other does', async function () {
      const browser = await startBrowser(name)
      if (browser === undefined) this.skip()
      const site = await serveSite('dist/test/support/browser-conformance.js', { mocha: true })
      try {
        const page = await browser.openPage(() => undefined)
        await page.goto(site.url)
        const { passed, failed } = await evaluate(page, () => window.runSuites())
        assert.deepEqual(failed, ['a suite that fails is seen to: as it should'])
        for (const [suite, least] of [
          ['the IndexedDB store', 30],
          ['the portable backend', 10],
          ['the vectors of RFC', 5],
          ['a sealed message', 3],
          ['Diffie-Hellman', 2]
        ] as const) {
          const count = passed.filter((title) => title.startsWith(suite)).length
          console.log(`      ${suite}: ${String(count)} tests`)
          assert.ok(count >= least)
        }
      } finally {
        await browser.close()
        await site.close()
      }
    })
  })

describe('what pages have for node:assert', () => {
  const { equal, deepEqual, notDeepEqual, ok, fail, throws, rejects } = pageAssert
  const isTrue = (): boolean => true
  const isFalse = (): boolean => false
  const broken = (): never => {
    throw new Error('broken')
  }

  it('accepts what is so', async () => {
    equal(NaN, NaN)
    deepEqual([{ a: [1, undefined] }, Uint8Array.of(1)], [{ a: [1, undefined] }, Uint8Array.of(1)])
    notDeepEqual(Uint8Array.of(1), Uint8Array.of(2))
    ok(1)
    throws(broken)
    throws(broken, isTrue)
    await rejects(() => Promise.reject(new Error('broken')), isTrue)
  })

  const wrong: Readonly<Record<string, () => unknown>> = {
    equal: () => equal(1, '1'),
    'equal of objects': () => equal({}, {}),
    deepEqual: () => deepEqual([1, [2]], [1, [3]]),
    'deepEqual of lengths': () => deepEqual([1], [1, 2]),
    'deepEqual of types': () => deepEqual(Uint8Array.of(1), [1]),
    'deepEqual of undefined': () => deepEqual(undefined, null),
    notDeepEqual: () => notDeepEqual(Uint8Array.of(1), Uint8Array.of(1)),
    ok: () => ok(0),
    fail: () => fail(),
    'throws without': () => throws(isTrue),
    'throws of another': () => throws(broken, isFalse),
    'rejects without': () => rejects(() => Promise.resolve(), isTrue),
    'rejects of another': () => rejects(() => Promise.reject(new Error('broken')), isFalse)
  }
  for (const [name, attempt] of Object.entries(wrong)) {
    it(`refuses what is not: ${name}`, async () => {
      await assert.rejects(Promise.resolve().then(attempt), { name: 'AssertionError' })
    })
  }
})
