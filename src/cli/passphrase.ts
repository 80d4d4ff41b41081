import { readFile } from 'node:fs/promises'
import { emitKeypressEvents } from 'node:readline'
import { CommandError } from './command-error.js'
import type { Surroundings, Sink, Source } from './surroundings.js'
import { edit, editorText, EMPTY, type Editor } from './terminal/editor.js'
import { keyAction, type Key } from './terminal/keys.js'

/** The store's passphrase: from the file, from `HALLIG_PASSPHRASE`, or typed unseen; `twice` when it is being chosen. */
export async function askPassphrase(
  file: string | undefined,
  { env, stdin, stderr }: Pick<Surroundings, 'env' | 'stdin' | 'stderr'>,
  twice: boolean
): Promise<string> {
  const given = file === undefined ? env['HALLIG_PASSPHRASE'] : await readPassphraseFile(file)
  if (given !== undefined) return notEmpty(given)
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new CommandError(
      'PASSPHRASE_MISSING',
      'This store needs its passphrase; give --passphrase-file <file>, set HALLIG_PASSPHRASE, or run in a terminal'
    )
  }
  const passphrase = notEmpty(await promptUnseen(stdin, stderr, 'Passphrase: '))
  if (twice && (await promptUnseen(stdin, stderr, 'Once more:  ')) !== passphrase) {
    throw new CommandError('USAGE', 'The two passphrases differ; nothing was changed')
  }
  return passphrase
}

async function readPassphraseFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError('PASSPHRASE_MISSING', `The passphrase file cannot be read: ${reason}`, {
      cause: error
    })
  }
}

function notEmpty(passphrase: string): string {
  if (passphrase === '')
    throw new CommandError('PASSPHRASE_MISSING', 'An empty passphrase protects nothing; choose one')
  return passphrase
}

/** A line typed without being shown. */
async function promptUnseen(stdin: Source, stderr: Sink, prompt: string): Promise<string> {
  stderr.write(prompt)
  emitKeypressEvents(stdin)
  stdin.setRawMode?.(true)
  stdin.resume()
  let stop = (): void => undefined
  try {
    return await new Promise<string>((resolve, reject) => {
      const onKey = lineReader(resolve, () => {
        reject(new CommandError('PASSPHRASE_MISSING', 'No passphrase was given; nothing was changed'))
      })
      stop = () => stdin.off('keypress', onKey)
      stdin.on('keypress', onKey)
    })
  } finally {
    stop()
    stdin.setRawMode?.(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/** A listener of keys that calls `done` with the line at Enter, or `cancel` at Ctrl-C or Ctrl-D. */
function lineReader(
  done: (line: string) => void,
  cancel: () => void
): (text: string | undefined, key: Key) => void {
  let editor: Editor = EMPTY
  return (text, key) => {
    const action = keyAction(text, key)
    if (key.name === 'return' || key.name === 'enter') done(editorText(editor))
    else if (action.kind === 'edit') editor = edit(editor, action.edit)
    else if (action.kind === 'interrupt' || action.kind === 'end-of-input') cancel()
  }
}
