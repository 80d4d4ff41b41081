import ts from 'typescript'
import { nodesOf, parse, type SourceText } from './package-sources.js'

/** Whether a file holds a function with a body: anything else is a type, a constant or a name passed on. */
export function hasLogic(source: SourceText): boolean {
  return [...nodesOf(parse(source))].some(
    (node) => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined
  )
}
