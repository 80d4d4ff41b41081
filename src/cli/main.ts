#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import process from 'node:process'
import { createMessenger } from '../library.js'
import { readBattery } from './battery.js'
import { fileError } from './file-error.js'
import { EXIT } from './exit-code.js'
import { interrupt } from './interruption.js'
import { reportError } from './output.js'
import { run } from './run.js'
import { hasCode, parseObject } from './settings.js'

const args = process.argv.slice(2)
// A pipe closed early (`hallig read --follow | head`) or a terminal that is gone: no failure, but a reason to end. A full disk is both.
for (const stream of [process.stdin, process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!hasCode(error, 'EPIPE', 'EIO') && process.exitCode === undefined) {
      const reason =
        stream === process.stdin
          ? fileError('read', 'the input', error)
          : fileError('write', 'the output', error)
      process.exitCode = reportError(reason, args.includes('--json'), process)
    }
    interrupt()
  })
}

// Kernel and shell both send it when a terminal is closed; commands that wait react to the first, and no other may cut their
// orderly end short.
process.on('SIGHUP', () => undefined)

const exitCode = await run(args, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  platform: process.platform,
  home: homedir(),
  user: process.geteuid?.(),
  version: await ownVersion(),
  battery: readBattery,
  now: Date.now,
  // A small computer takes some seconds to start a node; and so long a `send` looks after its message.
  patience: 6000,
  createMessenger
})

if (exitCode !== EXIT.ok) process.exitCode = exitCode

async function ownVersion(): Promise<string> {
  // From dist/src/cli to the package.
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = parseObject(text) ?? {}
  return typeof version === 'string' ? version : 'unknown'
}
