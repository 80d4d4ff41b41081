/** Groups of five digits on one line: four read well aloud. */
const GROUPS_A_LINE = 4

/** The safety number's groups of digits, in lines for comparing. */
export function safetyNumberLines(safetyNumber: string): string[] {
  const groups = safetyNumber.trim().split(/\s+/)
  const lines: string[] = []
  for (let start = 0; start < groups.length; start += GROUPS_A_LINE) {
    lines.push(groups.slice(start, start + GROUPS_A_LINE).join('  '))
  }
  return lines
}
