const LABEL_WIDTH = 34
const COLUMN_WIDTH = 16

/** One line of the table: a label and a value for each direction. */
export type Row = readonly [label: string, aliceToBob: string | number, bobToAlice: string | number]

/** A table of what happened in each direction. */
export function table(rows: readonly Row[]): string[] {
  const head: Row = ['', 'Alice → Bob', 'Bob → Alice']
  return [head, ...rows].map(
    ([label, ...values]) =>
      `  ${label.padEnd(LABEL_WIDTH)}${values.map((value) => String(value).padStart(COLUMN_WIDTH)).join('')}`
  )
}
