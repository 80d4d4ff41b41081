import { join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from './package-sources.js'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowJs: true,
  checkJs: true
}

/**
 * What the compiler says of texts that lie, as it believes, in the package's folder: so they see the package by its own
 * name, as a user's project does. `texts` maps a file name to its content; the result is one line per complaint.
 */
export function compile(texts: ReadonlyMap<string, string>): string[] {
  const virtual = new Map([...texts].map(([name, text]) => [join(packageRoot, name), text]))
  const host = ts.createCompilerHost(OPTIONS)
  const original = {
    fileExists: host.fileExists.bind(host),
    readFile: host.readFile.bind(host),
    getSourceFile: host.getSourceFile.bind(host)
  }
  host.fileExists = (path) => virtual.has(path) || original.fileExists(path)
  host.readFile = (path) => virtual.get(path) ?? original.readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = virtual.get(path)
    return text === undefined
      ? original.getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version)
  }
  host.getCurrentDirectory = () => packageRoot
  const program = ts.createProgram([...virtual.keys()], OPTIONS, host)
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const { file, start } = diagnostic
    if (!file || start === undefined) return message
    const { line } = file.getLineAndCharacterOfPosition(start)
    return `${file.fileName.replace(`${packageRoot}/`, '')}:${String(line + 1)} ${message}`
  })
}

/** JavaScript of one TypeScript text, types stripped. */
export function strip(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  }).outputText
}
