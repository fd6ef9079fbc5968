import { type ClassPrice, type PriceBook, pricesOf, tieredCost } from '@skycrate/core/economics/price-book'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { GIB, type State } from '@skycrate/core/economics/simulate'
import type { ClassTotals } from './folder-totals.ts'

/** What is paid a month for what a folder holds, if nothing changes. */
export interface StorageBill {
  storage: number
  monitoring: number
  readonly byClass: Map<string, { bytes: number; total: number }>
  readonly byState: Record<State, number>
}

/** GiB of each class of a region, which choose the tier of its price. */
export type RegionAmounts = ReadonlyMap<string, number>

const priceOf = (book: PriceBook, region: string | null, storageClass: string): ClassPrice => {
  const { classes } = pricesOf(book, region)
  return classes[storageClass] ?? classes['STANDARD']!
}

/** The price of a GiB, as the whole region pays for it on average. */
function averageRate(price: ClassPrice, gb: number): number {
  return gb > 0 ? tieredCost(price, gb) / gb : (price.tiers[0]?.perGBMonth ?? 0)
}

export function billOf(
  classes: ClassTotals,
  book: PriceBook,
  region: string | null,
  amounts: RegionAmounts,
): StorageBill {
  const bill: StorageBill = {
    storage: 0,
    monitoring: 0,
    byClass: new Map(),
    byState: { current: 0, noncurrent: 0, upload: 0 },
  }
  const standard = priceOf(book, region, 'STANDARD')
  const standardRate = averageRate(standard, amounts.get('STANDARD') ?? 0)
  for (const [storageClass, states] of Object.entries(classes)) {
    const price = priceOf(book, region, storageClass)
    const rate = averageRate(price, amounts.get(storageClass) ?? 0)
    for (const [state, bins] of Object.entries(states) as [State, Record<string, [number, number]>][]) {
      for (const [bin, [count, bytes]] of Object.entries(bins)) {
        const size = SIZE_EDGES[Number(bin)] ?? 0
        const paid = size < price.minimumBytes ? count * price.minimumBytes : bytes
        const storage =
          ((paid + count * price.overheadBytes) / GIB) * rate +
          ((count * price.standardOverheadBytes) / GIB) * standardRate
        const monitoring = size >= price.monitoredFromBytes ? (count * price.perThousandMonitored) / 1000 : 0
        bill.storage += storage
        bill.monitoring += monitoring
        bill.byState[state] += storage + monitoring
        const sum = bill.byClass.get(storageClass) ?? { bytes: 0, total: 0 }
        bill.byClass.set(storageClass, { bytes: sum.bytes + bytes, total: sum.total + storage + monitoring })
      }
    }
  }
  return bill
}

/** Adds up GiB by class. */
export function amountsOf(folders: readonly { readonly classes: ClassTotals }[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { classes } of folders) {
    for (const [storageClass, states] of Object.entries(classes)) {
      for (const bins of Object.values(states)) {
        for (const [, bytes] of Object.values(bins)) {
          sums.set(storageClass, (sums.get(storageClass) ?? 0) + bytes / GIB)
        }
      }
    }
  }
  return sums
}
