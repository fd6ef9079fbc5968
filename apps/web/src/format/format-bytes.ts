const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** Powers of 1,000, three digits at most: `999 B`, `1.5 KB`, `12.3 MB`, `640 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would round to 1000 belongs to the next unit.
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}
