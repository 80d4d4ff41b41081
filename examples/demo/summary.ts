const LABEL_WIDTH = 22
const COLUMN_WIDTH = 14

/** How a message, or several in a row, came to where it was to go. */
export interface Route {
  readonly message: string
  readonly path: string
  /** Other nodes that said they hold it, at the most. */
  readonly carriers: number
  readonly time: string
  readonly status: string
}

/** One line of a table: a label and a value for each direction. */
export interface Row {
  readonly label: string
  readonly values: readonly (string | number)[]
}

/** A table of what happened in each direction, whose names are the first row. */
export function table(rows: readonly Row[]): string[] {
  return rows.map(
    ({ label, values }) =>
      `  ${label.padEnd(LABEL_WIDTH)}${values.map((value) => String(value).padStart(COLUMN_WIDTH)).join('')}`
  )
}

/** A table of the ways that messages came. */
export function routeTable(routes: readonly Route[]): string[] {
  const line = (message: string, path: string, carriers: string, time: string, status: string): string =>
    `  ${message.padEnd(24)} ${path.padEnd(25)}${carriers.padStart(9)}${time.padStart(8)}  ${status}`
  return [
    line('message', 'path', 'carriers', 'time', 'status'),
    ...routes.map(({ message, path, carriers, time, status }) =>
      line(message, path, String(carriers), time, status)
    )
  ]
}
