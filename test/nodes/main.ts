// Runs the fast suites with another Node, or mocha with the arguments given: `npm run test:node -- 26 --config .mocharc.node.json`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const [major = '', ...args] = process.argv.slice(2)
if (!/^\d+$/.test(major)) {
  console.error('Say with which Node, such as npm run test:node -- 26')
  process.exit(2)
}
const { platform, arch, env } = process
const folder = mkdtempSync(join(tmpdir(), 'hallig-node-'))
try {
  // A package that holds the binary: nothing is to be run to install it.
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`
  run('npm', [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--prefix',
    folder,
    `${name}@${major}`
  ])
  const bin = join(folder, 'node_modules', name, 'bin')
  // First in the path: tests begin processes of their own.
  const path = { ...env, PATH: [bin, env['PATH']].join(delimiter) }
  run('node', ['--version'], path)
  run(
    'node',
    args.length > 0 ? ['node_modules/mocha/bin/mocha.js', ...args] : ['dist/test/parts/main.js'],
    path
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Nothing is run after what failed: without the other Node it would be run with this one. */
function run(command: string, args: readonly string[], environment = env): void {
  if (process.exitCode !== undefined) return
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: environment,
    shell: platform === 'win32'
  })
  if (status !== 0) process.exitCode = status ?? 1
}
