import type { GlobalOptions } from './global-options.js'

/** Characters that no shell takes for anything else, and `<` and `>` of a blank to fill in. */
const PLAIN = /^[\p{L}\p{N}_@%+=:,./<>~-]+$/u

/**
 * A command of ours for the same identity, for a person to copy: with the `--dir` that this call was given, and quoted where a shell would
 * take a word apart.
 */
export function commandLine(
  { typedDirectory }: Pick<GlobalOptions, 'typedDirectory'>,
  ...words: readonly string[]
): string {
  const place = typedDirectory === undefined ? [] : ['--dir', typedDirectory]
  return `\`${['hallig', ...place, ...words].map(quoted).join(' ')}\``
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
