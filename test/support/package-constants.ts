import ts from 'typescript'
import { parse, type SourceText } from './package-sources.js'

/** A named number of the sources. */
export interface Constant {
  readonly name: string
  readonly value: number
  readonly exported: boolean
  /** What is said of it, on one line; empty if nothing is. */
  readonly reason: string
}

const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '**': (left, right) => left ** right
}
const NAME = /^[A-Z][A-Z0-9_]*$/

/** Values by name, of files read before. */
export type Known = ReadonlyMap<string, number>

/** Every `const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '**': (left, right) => left ** right
}
const NAME = number` at the top of a file, in its order. Expressions may use `known` names and those before. */
export function constantsOf(source: SourceText, known: Known = new Map()): Constant[] {
  const values = new Map(known)
  const constants: Constant[] = []
  for (const statement of parse(source).statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || !NAME.test(name.text) || initializer === undefined) continue
      const value = evaluate(initializer, values)
      if (value === undefined) continue
      values.set(name.text, value)
      const exported =
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
      constants.push({ name: name.text, value, exported, reason: reasonOf(statement) })
    }
  }
  return constants
}

function evaluate(node: ts.Expression, values: Known): number | undefined {
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (ts.isIdentifier(node)) return values.get(node.text)
  if (ts.isParenthesizedExpression(node)) return evaluate(node.expression, values)
  if (!ts.isBinaryExpression(node)) return undefined
  const left = evaluate(node.left, values)
  const right = evaluate(node.right, values)
  if (left === undefined || right === undefined) return undefined
  return OPERATIONS[node.operatorToken.getText()]?.(left, right)
}

function reasonOf(statement: ts.Statement): string {
  const [comment] = ts.getJSDocCommentsAndTags(statement)
  const text = comment === undefined ? undefined : ts.getTextOfJSDocComment(comment.comment)
  return (text ?? '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}
