import { graphemes } from './width.js'

/** The line being typed, split at the cursor. May hold line feeds: a pasted paragraph is one message. */
export interface Editor {
  readonly before: string
  readonly after: string
}

export type Edit =
  | { readonly kind: 'insert'; readonly text: string }
  | {
      readonly kind:
        | 'backspace'
        | 'delete'
        | 'left'
        | 'right'
        | 'word-left'
        | 'word-right'
        | 'start'
        | 'end'
        | 'erase-word'
        | 'erase-to-start'
        | 'erase-to-end'
        | 'clear'
    }

export const EMPTY: Editor = { before: '', after: '' }

/** What would be sent. */
export function editorText(editor: Editor): string {
  return editor.before + editor.after
}

/** One keystroke's worth of change. The cursor moves by whole graphemes, never into an emoji or behind a lone mark. */
export function edit(editor: Editor, step: Edit): Editor {
  const { before, after } = editor
  switch (step.kind) {
    case 'insert':
      return { before: before + step.text, after }
    case 'backspace':
      return { before: before.slice(0, before.length - lastLength(before)), after }
    case 'delete':
      return { before, after: after.slice(firstLength(after)) }
    case 'left':
      return splitAt(editor, before.length - lastLength(before))
    case 'right':
      return splitAt(editor, before.length + firstLength(after))
    case 'word-left':
      return splitAt(editor, wordStart(before))
    case 'word-right':
      return splitAt(editor, before.length + (/^\s*\S*/.exec(after)?.[0].length ?? 0))
    case 'start':
      return splitAt(editor, before.lastIndexOf('\n') + 1)
    case 'end':
      return splitAt(editor, before.length + (/^[^\n]*/.exec(after)?.[0].length ?? 0))
    case 'erase-word':
      return { before: before.slice(0, wordStart(before)), after }
    case 'erase-to-start':
      return { before: before.slice(0, before.lastIndexOf('\n') + 1), after }
    case 'erase-to-end':
      return { before, after: after.replace(/^[^\n]*/, '') }
    case 'clear':
      return EMPTY
  }
}

function splitAt(editor: Editor, index: number): Editor {
  const text = editorText(editor)
  return { before: text.slice(0, index), after: text.slice(index) }
}

function wordStart(before: string): number {
  return before.length - (/\S*\s*$/.exec(before)?.[0].length ?? 0)
}

// A grapheme is found within the last few dozen code units; segmenting a long paste at every keystroke would be felt.
const NEAR = 64

function lastLength(text: string): number {
  return graphemes(text.slice(-NEAR)).at(-1)?.length ?? 0
}

function firstLength(text: string): number {
  return graphemes(text.slice(0, NEAR))[0]?.length ?? 0
}
