import { CommandError } from './command-error.js'
import { hasCode } from './settings.js'

/** What went wrong with a file, in a sentence that says what to do. Errors that already say so are passed on. */
export function fileError(wanted: 'read' | 'write', file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  const code = wanted === 'read' ? 'FILE_UNREADABLE' : 'FILE_UNWRITABLE'
  return new CommandError(code, sentence(wanted, file, error), { cause: error })
}

function sentence(wanted: 'read' | 'write', file: string, error: Error): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    return `There is no room for ${file}; free some, or take another stick`
  if (hasCode(error, 'ENOENT', 'ENOTDIR'))
    return `There is no ${wanted === 'read' ? file : `folder for ${file}`}; check the spelling, and that the stick is mounted`
  if (hasCode(error, 'EISDIR')) return `${file} is a folder; name a file in it`
  if (wanted === 'read' && hasCode(error, 'EACCES'))
    return `${file} may not be read by this user; whoever it belongs to can allow it with \`chmod a+r\``
  if (hasCode(error, 'EROFS'))
    return `${file} is on a medium that is write-protected; move the switch on it, mount it anew, or take another stick`
  if (hasCode(error, 'EACCES', 'EPERM'))
    return `${file} may not be ${wanted === 'read' ? 'read' : 'written'}: ${error.message}`
  return `${file} cannot be ${wanted === 'read' ? 'read' : 'written'} (${error.message}); try again, or another stick`
}
