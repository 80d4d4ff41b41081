import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, readPackageJson } from '../support/package-sources.js'
import { run, type Run } from '../support/package-run.js'
import { pack, type Tarball } from '../support/package-tarball.js'

const TIMEOUT_MS = 300_000

/** A stranger's program: makes a messenger without network and prints what it is. */
const PROGRAM = `
import { createMessenger, isMessengerError } from 'hallig'
const messenger = await createMessenger({ path: './store', start: false })
console.log('card', (await messenger.identity.card()).slice(0, 7))
await messenger.close()
try {
  await createMessenger({ path: './store', start: false, unlock: { kind: 'passphrase', passphrase: 'wrong' } })
} catch (error) {
  if (!isMessengerError(error, 'WRONG_KEY')) throw error
  console.log('refused', error.code)
}
`

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: false
  },
  files: ['program.ts']
}

describe('an empty project that installs the tarball', function () {
  this.timeout(TIMEOUT_MS)
  let tarball: Tarball
  let project: string

  const inProject = (command: string, ...args: string[]): Promise<Run> =>
    run(command, args, { cwd: project, timeout: TIMEOUT_MS })

  before(async () => {
    tarball = await pack()
    project = join(tarball.directory, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', type: 'module' }))
    // No install scripts: everything native has to come ready-made.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    const { code, output } = await inProject('npm', 'install', ...flags, tarball.file)
    assert.equal(code, 0, output)
  })

  after(() => tarball.remove())

  it('has none of our development tools', () => {
    const installed = readdirSync(join(project, 'node_modules'))
    for (const tool of ['typescript', 'eslint', 'mocha', 'protons'])
      assert.ok(!installed.includes(tool), tool)
  })

  it('imports and uses it', async () => {
    writeFileSync(join(project, 'program.mjs'), PROGRAM)
    const { code, output } = await inProject(process.execPath, 'program.mjs')
    assert.equal(code, 0, output)
    assert.match(output, /^card hallig:$/m)
    assert.match(output, /^refused WRONG_KEY$/m)
  })

  it('requires it from CommonJS', async () => {
    writeFileSync(join(project, 'program.cjs'), "console.log(typeof require('hallig').createMessenger)")
    const { code, output } = await inProject(process.execPath, 'program.cjs')
    assert.equal(code, 0, output)
    assert.match(output, /^function$/m)
  })

  it('type-checks against it with nodenext', async () => {
    writeFileSync(join(project, 'program.ts'), PROGRAM)
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG))
    const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc')
    const types = join(packageRoot, 'node_modules/@types')
    const { code, output } = await inProject(process.execPath, compiler, '-p', '.', '--typeRoots', types)
    assert.equal(code, 0, output)
  })

  it('runs its command', async () => {
    const { code, output } = await inProject('npx', '--no-install', 'hallig', '--version')
    assert.equal(code, 0, output)
    assert.ok(output.split('\n').includes(readPackageJson().version), output)
  })
})
