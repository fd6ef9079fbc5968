import { advise, type Advice } from '@skycrate/core/economics/advise'
import { forecast } from '@skycrate/core/economics/forecast'
import { type PriceBook, pricesOf } from '@skycrate/core/economics/price-book'
import { GIB, type RegionPrices, simulate, totalOf } from '@skycrate/core/economics/simulate'
import type { Part, PartCount, UsageOutlook } from './usage-rows.ts'

/**
 * The bill of the year after an inventory, and what would make it smaller: rules for the folders at the top of the bucket,
 * or one for all of it where that saves more.
 */
export function outlookOf(
  book: PriceBook,
  region: string | null,
  parts: readonly Part[],
  counts: readonly PartCount[],
  day: number,
): UsageOutlook {
  const prices = regionPrices(book, region, parts)
  const cells = parts.flatMap((part) => part.cells)
  const earlier = counts.map((count) => ({ day: count.day, cells: count.parts.flatMap((part) => part.cells) }))
  const { months, total } = simulate(forecast({ day, cells, earlier }), undefined, prices, day)
  const whole = advise({ prefix: '', day, cells, earlier }, prices)
  const earlierOf = (prefix: string) =>
    counts.map((count) => ({
      day: count.day,
      cells: count.parts.find((part) => part.prefix === prefix)?.cells ?? [],
    }))
  const single = parts
    .filter(({ prefix }) => prefix !== '')
    .flatMap(({ prefix, cells: own }) => advise({ prefix, day, cells: own, earlier: earlierOf(prefix) }, prices))
  return {
    region: pricesOf(book, region).region,
    priceDate: book.date,
    months: months.map(totalOf),
    earlyDeletion: total.earlyDeletion / months.length,
    advice: better(whole, single),
  }
}

/** Parts may differ so much that rules of their own save more than one for all; never both, which would count twice. */
function better(whole: readonly Advice[], single: readonly Advice[]): Advice[] {
  const states = new Set([...whole, ...single].map(({ rule }) => rule.state))
  return [...states].flatMap((state) => {
    const [one, many] = [whole, single].map((list) => list.filter(({ rule }) => rule.state === state))
    const saved = (list: readonly Advice[] = []): number => list.reduce((sum, each) => sum + each.savingAtLeast, 0)
    return (saved(many) > saved(one) * 1.1 ? many : one) ?? []
  })
}

export function regionPrices(book: PriceBook, region: string | null, parts: readonly Part[]): RegionPrices {
  const sums = new Map<string, number>()
  for (const { cells } of parts) {
    for (const { storageClass, bytes } of cells) sums.set(storageClass, (sums.get(storageClass) ?? 0) + bytes)
  }
  return { classes: pricesOf(book, region).classes, gbOf: (name) => (sums.get(name) ?? 0) / GIB }
}
