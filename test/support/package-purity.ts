import ts from 'typescript'
import { nodesOf, parse, type SourceText } from './package-sources.js'

/** Where a program would get time, chance or the outside world from, or would have to wait. */
const IMPURE = new Set([
  'Date',
  'Promise',
  'Worker',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout'
])

/** What makes a file of the core depend on anything but its arguments, as one line each. */
export function impurities(source: SourceText): string[] {
  const file = parse(source)
  return [...nodesOf(file)].flatMap((node) => {
    const what = impurity(node)
    if (what === undefined) return []
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    return [`${source.path}:${String(line + 1)} ${what}`]
  })
}

function impurity(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && IMPURE.has(node.text) && !isMember(node) && !isVersion(node)) {
    return `uses ${node.text}`
  }
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'uses Math.random'
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'is asynchronous'
  if (node.kind === ts.SyntaxKind.AwaitKeyword || ts.isAwaitExpression(node)) return 'awaits'
  if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent))
    return 'imports dynamically'
  if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent) && isMutable(node)) {
    return 'keeps state in a module'
  }
  return undefined
}

/** `message.process` or `{ Date: … }`: a name within something else, not the global. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
      parent.name === node)
  )
}

/** `process.versions` is the runtime's name, the same at every call: a backend may choose by it. */
function isVersion(node: ts.Identifier): boolean {
  return node.parent.getText() === 'process.versions'
}

function isMutable(statement: ts.VariableStatement): boolean {
  return (statement.declarationList.flags & ts.NodeFlags.Const) === 0
}
