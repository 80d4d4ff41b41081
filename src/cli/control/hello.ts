import process from 'node:process'
import { parseObject } from '../settings.js'
import { failureOf, failureRecord } from './failure-record.js'

/** What a command says first. In JSON, so that every version understands that it is another. */
export interface Hello {
  /** Of both Hallig and Node: what follows is written as this Node writes values. */
  readonly release: string
  readonly passphrase?: string
  /** Only destroy everything; needs neither passphrase nor the same version. */
  readonly wipe?: boolean
}

/** What it is answered. */
export type Welcome =
  | { readonly kind: 'welcome'; readonly id: string; readonly name: string }
  | { readonly kind: 'other-release'; readonly release: string }
  | { readonly kind: 'wiped' }
  | { readonly kind: 'refused'; readonly error: Error }

/** A version of Hallig on this Node. */
export function releaseOf(version: string): string {
  return `${version} on Node ${process.versions.node}`
}

export function encodeHello(hello: Hello): Uint8Array {
  return Buffer.from(JSON.stringify(hello))
}

/** What a command has said, or undefined if that is no hello. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  const { release, passphrase, wipe } = parseObject(Buffer.from(bytes).toString()) ?? {}
  if (typeof release !== 'string') return undefined
  return {
    release,
    ...(typeof passphrase === 'string' ? { passphrase } : {}),
    ...(wipe === true ? { wipe } : {})
  }
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  const record =
    welcome.kind === 'refused' ? { kind: 'refused', error: failureRecord(welcome.error) } : welcome
  return Buffer.from(JSON.stringify(record))
}

/** What was answered, or undefined if it is none of the answers. */
export function decodeWelcome(bytes: Uint8Array): Welcome | undefined {
  const { kind, id, name, release, error } = parseObject(Buffer.from(bytes).toString()) ?? {}
  if (kind === 'welcome' && typeof id === 'string' && typeof name === 'string') return { kind, id, name }
  if (kind === 'other-release' && typeof release === 'string') return { kind, release }
  if (kind === 'wiped') return { kind }
  const failure = failureOf(error)
  return kind === 'refused' && failure !== undefined ? { kind, error: failure } : undefined
}
