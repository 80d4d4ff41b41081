import type { Edit } from './editor.js'

/** A key as `node:readline` reports it. */
export interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly meta?: boolean | undefined
  readonly sequence?: string | undefined
}

export type KeyAction =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'scroll'; readonly by: 'line-up' | 'line-down' | 'page-up' | 'page-down' | 'newest' }
  | {
      readonly kind: 'submit' | 'interrupt' | 'end-of-input' | 'redraw' | 'paste-start' | 'paste-end' | 'none'
    }

/** What a key means in the chat, after the habits of readline and of terminal pagers. */
export function keyAction(text: string | undefined, key: Key): KeyAction {
  const control = key.ctrl === true ? CONTROL[key.name ?? ''] : undefined
  if (control !== undefined) return control
  const meta = key.meta === true ? META[key.name ?? ''] : undefined
  if (meta !== undefined) return meta
  const named = NAMED[key.name ?? '']
  if (named !== undefined && key.ctrl !== true && key.meta !== true) return named
  if (text === undefined || key.ctrl === true || key.meta === true || !isPrintable(text))
    return { kind: 'none' }
  return change({ kind: 'insert', text })
}

function isPrintable(text: string): boolean {
  return !/\p{Cc}/u.test(text)
}

function change(edit: Edit): KeyAction {
  return { kind: 'edit', edit }
}

const newLine = change({ kind: 'insert', text: '\n' })

const NAMED: Readonly<Record<string, KeyAction>> = {
  return: { kind: 'submit' },
  enter: newLine,
  backspace: change({ kind: 'backspace' }),
  delete: change({ kind: 'delete' }),
  left: change({ kind: 'left' }),
  right: change({ kind: 'right' }),
  home: change({ kind: 'start' }),
  end: change({ kind: 'end' }),
  up: { kind: 'scroll', by: 'line-up' },
  down: { kind: 'scroll', by: 'line-down' },
  pageup: { kind: 'scroll', by: 'page-up' },
  pagedown: { kind: 'scroll', by: 'page-down' },
  escape: { kind: 'scroll', by: 'newest' },
  'paste-start': { kind: 'paste-start' },
  'paste-end': { kind: 'paste-end' }
}

const CONTROL: Readonly<Record<string, KeyAction>> = {
  a: change({ kind: 'start' }),
  b: change({ kind: 'left' }),
  c: { kind: 'interrupt' },
  d: { kind: 'end-of-input' },
  e: change({ kind: 'end' }),
  f: change({ kind: 'right' }),
  h: change({ kind: 'backspace' }),
  k: change({ kind: 'erase-to-end' }),
  l: { kind: 'redraw' },
  left: change({ kind: 'word-left' }),
  right: change({ kind: 'word-right' }),
  u: change({ kind: 'erase-to-start' }),
  w: change({ kind: 'erase-word' })
}

const META: Readonly<Record<string, KeyAction>> = {
  b: change({ kind: 'word-left' }),
  backspace: change({ kind: 'erase-word' }),
  enter: newLine,
  f: change({ kind: 'word-right' }),
  left: change({ kind: 'word-left' }),
  return: newLine,
  right: change({ kind: 'word-right' }),
  escape: { kind: 'scroll', by: 'newest' }
}
