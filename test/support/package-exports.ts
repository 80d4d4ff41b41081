import ts from 'typescript'
import { parse, type SourceText } from './package-sources.js'

/** Names that a module exports, sorted: `values` exist at run time, `types` do not. */
export interface ExportedNames {
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** The names of a module that consists of named re-exports; anything else in it is returned as `other`. */
export function exportedNames(source: SourceText): ExportedNames & { readonly other: readonly string[] } {
  const values: string[] = []
  const types: string[] = []
  const other: string[] = []
  for (const statement of parse(source).statements) {
    if (!isNamedReExport(statement)) {
      other.push(statement.getText().split('\n')[0] ?? '')
      continue
    }
    for (const element of statement.exportClause.elements) {
      const list = statement.isTypeOnly || element.isTypeOnly ? types : values
      list.push(element.name.text)
    }
  }
  return { values: values.sort(), types: types.sort(), other }
}

function isNamedReExport(
  statement: ts.Statement
): statement is ts.ExportDeclaration & { readonly exportClause: ts.NamedExports } {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
  )
}
