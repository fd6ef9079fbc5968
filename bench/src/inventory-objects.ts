import type { InventoryItem } from '../../apps/server/src/stores/inventory-store.ts'

const DAY_MS = 86_400_000
const CLASSES = ['STANDARD', 'STANDARD', 'STANDARD', 'STANDARD_IA', 'GLACIER_IR'] as const

/** An object of a bucket with a hundred folders of a hundred folders; the same for a number, keys in order. */
export function madeUpObject(n: number, of: number, now: number): InventoryItem {
  const scrambled = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  const folder = Math.floor((n / of) * 10_000)
  const hex = scrambled.toString(16).padStart(8, '0')
  const modified = now - (scrambled % 730) * DAY_MS - (n % DAY_MS)
  const two = (part: number): string => String(part).padStart(2, '0')
  return {
    key: `team-${two(Math.floor(folder / 100))}/project-${two(folder % 100)}/${String(n).padStart(9, '0')}-${hex}.jpg`,
    size: (scrambled % 4096) ** 2,
    modified,
    since: modified,
    storageClass: CLASSES[scrambled % CLASSES.length]!,
    etag: hex.repeat(4),
    place: 'current',
  }
}
