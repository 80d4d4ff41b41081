const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const

/** `512 bytes`, `1.5 MiB`: three digits are enough for a display. */
export function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1).replace('.0', '') : String(Math.round(value))} ${UNITS[power] ?? ''}`
}
