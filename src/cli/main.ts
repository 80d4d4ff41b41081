#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import process from 'node:process'
import { createMessenger } from '../index.js'
import { run } from './run.js'
import { hasCode, parseObject } from './settings.js'

// `hallig read --follow | head` closes the pipe early: no failure, but a reason for waiting commands to end.
process.stdout.on('error', (error) => {
  if (!hasCode(error, 'EPIPE')) throw error
  process.emit('SIGTERM')
})

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  platform: process.platform,
  home: homedir(),
  version: await ownVersion(),
  now: Date.now,
  createMessenger
})

async function ownVersion(): Promise<string> {
  // From dist/src/cli to the package.
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = parseObject(text) ?? {}
  return typeof version === 'string' ? version : 'unknown'
}
