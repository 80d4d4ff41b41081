import ts from 'typescript'
import { importsOf, nodesOf, parse, type SourceText } from '../support/package-sources.js'

/** One change of a source file that a test should notice. */
export interface Mutant {
  readonly id: number
  readonly path: string
  readonly line: number
  /** Innermost named function around it. */
  readonly within: string
  readonly before: string
  readonly after: string
}

/** A file with all of its mutants inside, each asleep until the switch names it. */
export interface Mutated {
  readonly path: string
  readonly mutants: readonly Mutant[]
  readonly script: string
}

/** Says in the changed file whether a mutant is awake. */
const SWITCH = 'mutantIsAwake'

type Build = (original: ts.Expression) => ts.Expression

interface Change {
  readonly after: string
  readonly build: Build
}

const { factory } = ts

const COMPARISONS: Readonly<Partial<Record<ts.SyntaxKind, readonly ts.BinaryOperator[]>>> = {
  [ts.SyntaxKind.LessThanToken]: [ts.SyntaxKind.LessThanEqualsToken, ts.SyntaxKind.GreaterThanEqualsToken],
  [ts.SyntaxKind.LessThanEqualsToken]: [ts.SyntaxKind.LessThanToken, ts.SyntaxKind.GreaterThanToken],
  [ts.SyntaxKind.GreaterThanToken]: [ts.SyntaxKind.GreaterThanEqualsToken, ts.SyntaxKind.LessThanEqualsToken],
  [ts.SyntaxKind.GreaterThanEqualsToken]: [ts.SyntaxKind.GreaterThanToken, ts.SyntaxKind.LessThanToken],
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: [ts.SyntaxKind.ExclamationEqualsEqualsToken],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: [ts.SyntaxKind.EqualsEqualsEqualsToken],
  [ts.SyntaxKind.AmpersandAmpersandToken]: [ts.SyntaxKind.BarBarToken],
  [ts.SyntaxKind.BarBarToken]: [ts.SyntaxKind.AmpersandAmpersandToken]
}

const SWAPPED: ReadonlyMap<string, string> = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min']
])

/** Units, which bound nothing. */
const UNITS = ['DAY_MS']

/** All mutants of a file, numbered from `firstId`, and the file with them inside. */
export function mutate(source: SourceText, firstId: number): Mutated {
  const tree = parse(source)
  const limits = limitsOf(tree, source)
  const changes = new Map<string, { readonly id: number; readonly change: Change }[]>()
  const mutants: Mutant[] = []
  for (const node of nodesOf(tree)) {
    const within = functionAround(node)
    if (within === undefined || isInType(node)) continue
    for (const change of changesOf(node, limits)) {
      const id = firstId + mutants.length
      const known = changes.get(keyOf(node)) ?? []
      changes.set(keyOf(node), [...known, { id, change }])
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
      const before = oneLine(node.getText(tree))
      mutants.push({ id, path: source.path, line, within, before, after: change.after })
    }
  }
  return { path: source.path, mutants, script: transpile(source, changes) }
}

function transpile(
  source: SourceText,
  changes: ReadonlyMap<string, readonly { readonly id: number; readonly change: Change }[]>
): string {
  const awake = (id: number): ts.Expression =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier('globalThis'), SWITCH),
      undefined,
      [factory.createNumericLiteral(id)]
    )
  const transformer: ts.TransformerFactory<ts.SourceFile> = (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const found = changes.get(keyOf(node)) ?? []
      const visited = ts.visitEachChild(node, visit, context)
      if (found.length === 0 || !ts.isExpression(visited)) return visited
      const original = ts.isExpression(node) ? node : visited
      const switched = found.reduceRight<ts.Expression>(
        (rest, { id, change }) =>
          factory.createConditionalExpression(awake(id), undefined, change.build(original), undefined, rest),
        visited
      )
      return factory.createParenthesizedExpression(switched)
    }
    return (file) => ts.visitEachChild(file, visit, context)
  }
  const { outputText } = ts.transpileModule(source.text, {
    fileName: source.path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true
    },
    transformers: { before: [transformer] }
  })
  return outputText
}

function keyOf(node: ts.Node): string {
  return `${String(node.kind)}:${String(node.pos)}:${String(node.end)}`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** What this node may be changed to. Only expressions are changed; a guard is changed at its condition. */
function changesOf(node: ts.Node, limits: ReadonlySet<string>): Change[] {
  if (!ts.isExpression(node)) return []
  const changes: Change[] = []
  const isCondition =
    (ts.isIfStatement(node.parent) && node.parent.expression === node) ||
    (ts.isConditionalExpression(node.parent) && node.parent.condition === node)
  if (isCondition) {
    changes.push({ after: 'false', build: () => factory.createFalse() })
    changes.push({ after: 'true', build: () => factory.createTrue() })
  }
  if (ts.isBinaryExpression(node)) changes.push(...operators(node, isCondition))
  if (ts.isCallExpression(node)) changes.push(...calls(node))
  if (ts.isIdentifier(node) && isValue(node) && limits.has(node.text)) {
    for (const step of [1, -1]) changes.push(shifted(node.text, step))
  }
  return changes
}

function operators(node: ts.BinaryExpression, isCondition: boolean): Change[] {
  const text = oneLine(node.getText())
  const replaced = (operator: ts.BinaryOperator): Change => ({
    after: `${oneLine(node.left.getText())} ${ts.tokenToString(operator) ?? ''} ${oneLine(node.right.getText())}`,
    build: (original) =>
      ts.isBinaryExpression(original)
        ? factory.createBinaryExpression(original.left, operator, original.right)
        : original
  })
  const kind = node.operatorToken.kind
  const literal = ts.isNumericLiteral(node.right)
  if (kind === ts.SyntaxKind.PlusToken && literal) return [replaced(ts.SyntaxKind.MinusToken)]
  if (kind === ts.SyntaxKind.MinusToken && literal) return [replaced(ts.SyntaxKind.PlusToken)]
  // The opposite of a whole condition is one of `false` and `true`.
  const [first, opposite] = COMPARISONS[kind] ?? []
  const isEquality = opposite === undefined && !/&&|\|\|/.test(text)
  const kept = isCondition ? (isEquality ? [] : [first]) : [first, opposite]
  return kept.filter((operator) => operator !== undefined).map(replaced)
}

function calls(node: ts.CallExpression): Change[] {
  const { expression: callee } = node
  if (!ts.isPropertyAccessExpression(callee))
    return ts.isIdentifier(callee) && callee.text === 'wipe' ? [nothing()] : []
  if (callee.name.text === 'fill' && node.arguments[0]?.getText() === '0') return [nothing()]
  const swapped = SWAPPED.get(callee.name.text)
  if (swapped === undefined) return []
  return [
    {
      after: oneLine(`${callee.expression.getText()}.${swapped}(…)`),
      build: (original) =>
        ts.isCallExpression(original) && ts.isPropertyAccessExpression(original.expression)
          ? factory.createCallExpression(
              factory.createPropertyAccessExpression(original.expression.expression, swapped),
              undefined,
              original.arguments
            )
          : original
    }
  ]
}

function nothing(): Change {
  return { after: '(not done)', build: () => factory.createVoidZero() }
}

function shifted(name: string, step: number): Change {
  return {
    after: `${name} ${step > 0 ? '+' : '-'} 1`,
    build: (original) =>
      factory.createParenthesizedExpression(
        factory.createBinaryExpression(
          original,
          step > 0 ? ts.SyntaxKind.PlusToken : ts.SyntaxKind.MinusToken,
          factory.createNumericLiteral(1)
        )
      )
  }
}

/** Names of bounds that a file uses: those of a `limits.ts`, and its own numeric constants. */
function limitsOf(tree: ts.SourceFile, source: SourceText): ReadonlySet<string> {
  const names = new Set<string>()
  const files = new Set(importsOf(source).map(({ specifier }) => specifier))
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const { text } = statement.moduleSpecifier
      const bindings = statement.importClause?.namedBindings
      if (!files.has(text) || !text.endsWith('/limits.js') || !bindings || !ts.isNamedImports(bindings))
        continue
      for (const { name } of bindings.elements) names.add(name.text)
    }
    if (!ts.isVariableStatement(statement)) continue
    for (const { name, initializer } of statement.declarationList.declarations) {
      const isNumber = initializer !== undefined && /^[\d_ *()/+]+$/.test(initializer.getText(tree))
      if (ts.isIdentifier(name) && isNumber) names.add(name.text)
    }
  }
  for (const unit of UNITS) names.delete(unit)
  return names
}

/** Whether an identifier stands for its value, and names no property, parameter or type. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return (
    ts.isBinaryExpression(parent) ||
    ts.isCallExpression(parent) ||
    ts.isConditionalExpression(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isElementAccessExpression(parent) ||
    (ts.isVariableDeclaration(parent) && parent.initializer === node)
  )
}

function isInType(node: ts.Node): boolean {
  return ts.findAncestor(node, (one) => ts.isTypeNode(one) || ts.isInterfaceDeclaration(one)) !== undefined
}

/** What runs while a module is loaded cannot be switched afterwards, and is left alone. */
function functionAround(node: ts.Node): string | undefined {
  let name: string | undefined
  for (let one: ts.Node = node; !ts.isSourceFile(one); one = one.parent) {
    if (!ts.isFunctionLike(one)) continue
    const own = one.name?.getText()
    if (own !== undefined) return own
    name ??= '(anonymous)'
  }
  return name
}
