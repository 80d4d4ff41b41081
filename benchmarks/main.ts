import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { installPeers } from './harness/peers.js'
import type { Question } from './harness/question.js'
import { answer, describe } from './harness/report.js'
import { questions } from './questions.js'

const USAGE = `npm run bench -- [<question>] [--json FILE] [--rounds N]

${questions.map(({ name, asks }) => `  ${name.padEnd(10)} ${asks}`).join('\n')}

Without a question all are asked. --json writes the answer to one question to a file.`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, rounds: { type: 'string' }, help: { type: 'boolean', short: 'h' } }
})

/** The questions asked for, or what is wrong with the command line. */
function chosen(): readonly Question[] | string {
  const [name, ...others] = positionals
  const asked = name === undefined ? questions : questions.filter((question) => question.name === name)
  if (asked.length === 0 || others.length > 0) return `There is no question ${positionals.join(' ')}`
  if (values.json !== undefined && asked.length > 1) return '--json takes one question: name it'
  return values.rounds === undefined || Number(values.rounds) >= 1 ? asked : '--rounds takes a number from 1'
}

async function ask(question: Question): Promise<void> {
  console.log(`${question.name}: ${question.asks}\n`)
  if (question.needsPeers) installPeers()
  const rounds = values.rounds === undefined ? question.rounds : Number(values.rounds)
  const report = await answer(question, rounds, (line) => {
    console.log(`  ${line}`)
  })
  console.log(`\n${describe(question, report).join('\n')}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
}

const asked = values.help === true ? USAGE : chosen()
if (typeof asked === 'string') {
  console.error(asked === USAGE ? USAGE : `${asked}\n\n${USAGE}`)
  process.exitCode = asked === USAGE ? 0 : 2
} else {
  for (const question of asked) await ask(question)
}
