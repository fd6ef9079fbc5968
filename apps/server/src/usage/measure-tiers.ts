import { marginalRate } from '@skycrate/core/economics/price-book'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { GIB, MONTH_DAYS, type RegionPrices } from '@skycrate/core/economics/simulate'
import type { Bins, TierBins } from './folder-totals.ts'

/** What a day in Intelligent-Tiering saves against STANDARD, monitoring taken off. Reads cost the same in both. */
export function tieringADay(tiers: TierBins, { classes, gbOf }: RegionPrices): number {
  const price = classes['INTELLIGENT_TIERING']
  if (price === undefined) return 0
  const standardRate = marginalRate(classes['STANDARD']!, gbOf('STANDARD'))
  const rates = [marginalRate(price, gbOf('INTELLIGENT_TIERING')), ...price.idle.map(({ perGBMonth }) => perGBMonth)]
  let sum = 0
  for (const [tier, bins] of Object.entries(tiers)) {
    // The archive tiers have no price in the file: they count as the coldest that has one.
    const rate = rates[Math.min(Number(tier), rates.length - 1)]!
    for (const [bin, [count, bytes]] of Object.entries(bins)) {
      const isMonitored = SIZE_EDGES[Number(bin)]! >= price.monitoredFromBytes
      sum += (bytes / GIB) * (standardRate - rate) - (isMonitored ? (count * price.perThousandMonitored) / 1000 : 0)
    }
  }
  return sum / MONTH_DAYS
}

/** The part of the tiers that a rule has moved there, by size. */
export function ownTiers(tiers: TierBins, moved: Bins, inside: Bins): TierBins {
  const share = (bin: number): number => (moved[bin]?.[1] ?? 0) / (inside[bin]?.[1] || 1)
  return Object.fromEntries(
    Object.entries(tiers).map(([tier, bins]) => [
      tier,
      Object.fromEntries(
        Object.entries(bins)
          .filter(([bin]) => share(Number(bin)) > 0)
          .map(([bin, [count, bytes]]) => [bin, [count * share(Number(bin)), bytes * share(Number(bin))]]),
      ),
    ]),
  )
}
