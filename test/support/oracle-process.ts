import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from './package-sources.js'

/** Debian's: another Python on the path has none of its packages. */
const PYTHON = '/usr/bin/python3'
const PACKAGES = ['cryptography', 'doubleratchet', 'nacl']

/** What the requests of `test/interop/oracle/oracle.py` answer; bytes as hexadecimal digits, times in ms. */
export interface OracleAnswers {
  readonly examples: {
    readonly compared: number
    readonly differences: readonly string[]
    readonly unused: readonly string[]
  }
  readonly verify: boolean
  readonly 'read-card': OracleCard
  readonly 'read-bundle': { readonly seq: number; readonly hash: string; readonly firstEpoch: number }
  readonly verdict: 'accept' | 'ignore' | 'reject'
  readonly topic: string
  readonly create: { readonly id: string; readonly bundle: string }
  readonly card: string
  readonly add: OracleCard & { readonly id: string }
  readonly adopt: null
  readonly 'safety-number': string
  readonly ask: string
  readonly answer: { readonly response: string; readonly taken: readonly string[] }
  readonly learn: readonly (string | null)[]
  readonly send: { readonly number: number; readonly envelope: string }
  readonly due: readonly string[]
  readonly receipt: string
  readonly 'mark-read': null
  readonly receive: OracleTaken
  readonly 'receive-all': readonly OracleReply<OracleTaken>[]
  readonly parcel: string
  readonly unpack: readonly string[]
  readonly forge: string
  readonly contact: OracleContact
  readonly history: readonly string[]
}

export interface OracleCard {
  readonly iks: string
  readonly name: string
  readonly addresses: readonly string[]
  readonly notAfter: number
  readonly invite: boolean
  readonly bundle: boolean
}

export interface OracleMessage {
  readonly id: string
  readonly own: boolean
  readonly text: string | null
  readonly number: number
  readonly position: string
}

/** What came of an envelope. */
export interface OracleTaken {
  readonly kind: 'taken' | 'repeat'
  /** Contact id. */
  readonly from: string
  readonly messages?: readonly OracleMessage[]
  readonly bodies?: number
  readonly receipts?: number
}

export interface OracleContact {
  readonly profile: string | null
  /** Own messages without a receipt. */
  readonly outbox: number
  /** Whether a receipt is owed. */
  readonly owes: boolean
  /** Own messages that were read there. */
  readonly readByThem: number
  readonly conversation: string
  readonly sessions: number
  readonly skipped: number
  /** Id of the session in use. */
  readonly session: string | null
  readonly generation: number | null
  readonly hellos: number
  /** Of the post-quantum ratchet: of the last sending and receiving chain; of a session that has it. */
  readonly epochs: readonly [number, number] | null
  /** Why pieces of it were refused. */
  readonly piecesRefused: readonly string[]
}

export type OracleReply<Answer> = { readonly ok: Answer } | { readonly refused: string }

type Arguments = Readonly<Record<string, unknown>>

/** The second implementation in a process of its own, as one person. */
export interface Oracle {
  /** The answer; rejects if the oracle refuses. */
  ask<Name extends keyof OracleAnswers>(name: Name, args?: Arguments): Promise<OracleAnswers[Name]>
  /** The reason why the oracle refuses; rejects if it does not. */
  refusal(name: keyof OracleAnswers, args?: Arguments): Promise<string>
  /** Let it end by itself. */
  end(): Promise<void>
}

/** Why the oracle cannot run here, or nothing. */
export function oracleMissing(): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', `import ${PACKAGES.join(', ')}`])
  if (status === 0) return undefined
  const packages = PACKAGES.map((name) => `python3-${name}`).join(' ')
  return `skipped: ${PYTHON} has not all of Debian's packages: apt-get install ${packages}`
}

export function startOracle(): Oracle {
  const script = join(packageRoot, 'test/interop/oracle/oracle.py')
  const child = spawn(PYTHON, ['-B', script, '--node', process.execPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: packageRoot
  })
  const waiting: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void }[] = []
  let errors = ''
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const closed = once(child, 'close')
  child.on('close', (code) => {
    for (const { reject } of waiting) reject(new Error(`The oracle ended with ${String(code)}: ${errors}`))
  })
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line))

  async function reply<Name extends keyof OracleAnswers>(
    name: Name,
    args: Arguments
  ): Promise<OracleReply<OracleAnswers[Name]>> {
    const line = await new Promise<string>((resolve, reject) => {
      waiting.push({ resolve, reject })
      child.stdin.write(`${JSON.stringify({ do: name, ...args })}\n`)
    })
    return JSON.parse(line) as OracleReply<OracleAnswers[Name]>
  }

  return {
    async ask(name, args = {}) {
      const answer = await reply(name, args)
      if ('refused' in answer) throw new Error(`The oracle refuses to ${name}: ${answer.refused}`)
      return answer.ok
    },
    async refusal(name, args = {}) {
      const answer = await reply(name, args)
      if ('ok' in answer) throw new Error(`The oracle does not refuse to ${name}`)
      return answer.refused
    },
    async end() {
      child.stdin.end()
      const [code] = (await closed) as [number | null]
      if (code !== 0) throw new Error(`The oracle ended with ${String(code)}: ${errors}`)
    }
  }
}
