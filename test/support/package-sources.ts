import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix, sep } from 'node:path'
import ts from 'typescript'

/** A source file, its path from the package root with forward slashes. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** One `import`, `export … from`, `import()` or `import('…').Type`. */
export interface Import {
  readonly specifier: string
  /** Erased by the compiler: nothing is loaded at run time. */
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

/** What package.json says of itself, as far as the tests ask. */
export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Mocha runs from the package root; compiled tests may lie anywhere. */
export const packageRoot = process.cwd()

export function readPackageJson(): PackageJson {
  return JSON.parse(readFileSync(posix.join(packageRoot, 'package.json'), 'utf8')) as PackageJson
}

/** Every TypeScript file under `folder`, generated ones too; none if there is no such folder. */
export function readSources(folder: string): SourceText[] {
  if (!existsSync(posix.join(packageRoot, folder))) return []
  return readdirSync(posix.join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => posix.join(folder, path.split(sep).join('/')))
    .sort()
    .map((path) => ({ path, text: readFileSync(posix.join(packageRoot, path), 'utf8') }))
}

/** Whether protons wrote it: such a file is neither linted nor held to the guide, but its imports count. */
export function isGenerated({ path }: SourceText): boolean {
  return existsSync(posix.join(packageRoot, path.replace(/\.ts$/, '.proto')))
}

export function parse(source: SourceText): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ESNext, true)
}

/** All nodes of a file, depth first. */
export function* nodesOf(root: ts.Node): Generator<ts.Node> {
  const open = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node
    const children: ts.Node[] = []
    ts.forEachChild(node, (child) => {
      children.push(child)
    })
    open.push(...children.reverse())
  }
}

/** By the text they are of: several tests ask for those of all sources, and some half a dozen times. */
const imports = new Map<string, readonly Import[]>()

export function importsOf(source: SourceText): readonly Import[] {
  const known = imports.get(source.text)
  if (known !== undefined) return known
  const found = [...nodesOf(parse(source))].flatMap((node) => importOf(node) ?? [])
  imports.set(source.text, found)
  return found
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    return { specifier: node.moduleSpecifier.text, typeOnly, dynamic: false }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly, dynamic: false }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    const specifier = argument && ts.isStringLiteralLike(argument) ? argument.text : '(computed)'
    return { specifier, typeOnly: false, dynamic: true }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const literal = node.argument.literal
    return ts.isStringLiteral(literal)
      ? { specifier: literal.text, typeOnly: true, dynamic: false }
      : undefined
  }
  return undefined
}

/**
 * The source files an import leads to: one for a relative import, one per condition for a `#name` of package.json,
 * none for a package.
 */
export function targetsOf(
  path: string,
  specifier: string,
  conditions: PackageJson['imports'],
  only?: 'node' | 'default'
): string[] {
  if (specifier.startsWith('.')) {
    return [posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')]
  }
  return Object.entries(conditions[specifier] ?? {})
    .filter(([condition]) => only === undefined || condition === only)
    .map(([, target]) => target.replace('./dist/', '').replace(/\.js$/, '.ts'))
}

/** The package of a bare import: `@noble/hashes/sha2.js` is of `@noble/hashes`. `undefined` for `node:` and relative ones. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|#|node:|\()/.test(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
