import { countedDay } from '@skycrate/core/economics/forecast'
import { marginalRate } from '@skycrate/core/economics/price-book'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { dueDay, GIB, MONTH_DAYS, type RegionPrices } from '@skycrate/core/economics/simulate'

/** Old versions or unfinished uploads of one class, day and size. JSON. */
export type AgedRow = readonly [storageClass: string, day: number, bin: number, count: number, bytes: number]

/** Days since 1970, also in parts. */
type Day = number

export interface DeletionRule {
  readonly afterDays: number
  readonly minBytes: number
  /** The day on which it was applied. */
  readonly appliedOn: Day
  /** Days after which another rule deletes the same; `Infinity` where none does. */
  readonly endsAfter: number
}

/**
 * What a rule that deletes has saved between two counts: what was old enough for it and is gone, at the price of its class, for
 * as long as it would have been kept otherwise. It is rather too little: what comes and goes between two counts is not seen,
 * and the minimum duration of a class is paid for in any case. What was too young for the rule was deleted by somebody else;
 * only what people delete between two counts of which the later one would have found it old enough is taken for the rule's.
 * @param gone by the rule until the count before
 * @param before as the count before found it; undefined where that is not known
 * @param now as this count finds it
 */
export function measureDeletion(
  rule: DeletionRule,
  gone: readonly AgedRow[],
  before: readonly AgedRow[] | undefined,
  now: readonly AgedRow[],
  { from, to, prices }: { readonly from: Day; readonly to: Day; readonly prices: RegionPrices },
): { readonly saved: number; readonly gone: readonly AgedRow[] } {
  // S3 begins at the midnight after the rule was set.
  const goneOn = (day: Day): Day => Math.max(dueDay(day, rule.afterDays), Math.floor(rule.appliedOn) + 1)
  const newly = before === undefined ? [] : missing(before, now, to).filter(([, day]) => goneOn(day) <= to)
  const rows = newly.filter(([, , bin]) => SIZE_EDGES[bin]! >= rule.minBytes)
  // One that the rule left for longer went at some time that nobody knows.
  const late = (day: Day): boolean => goneOn(day) < Math.floor(from)
  const saved =
    sumOver(gone, (row) => worth(row, rule, Math.max(from, goneOn(row[1])), to, prices)) +
    sumOver(rows, (row) => (late(row[1]) ? 0 : worth(row, rule, Math.max(from, goneOn(row[1])), to, prices)))
  return { saved, gone: merged([...gone, ...rows], to) }
}

const sumOver = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((sum, row) => sum + of(row), 0)

/** What was there and is not any more, in any class: what has moved is still there. */
function missing(before: readonly AgedRow[], now: readonly AgedRow[], today: Day): AgedRow[] {
  const counts = new Map<string, number>()
  const left = new Map<string, AgedRow>()
  for (const row of merged(now, today)) {
    left.set(keyOf(row), row)
    counts.set(`${row[1]} ${row[2]}`, (counts.get(`${row[1]} ${row[2]}`) ?? 0) - row[3])
  }
  const had = merged(before, today)
  for (const [, day, bin, count] of had) counts.set(`${day} ${bin}`, (counts.get(`${day} ${bin}`) ?? 0) + count)
  return had.flatMap((row): AgedRow[] => {
    const [storageClass, day, bin, count, bytes] = row
    const lost = counts.get(`${day} ${bin}`) ?? 0
    const [, , , stay, stayBytes] = left.get(keyOf(row)) ?? [storageClass, day, bin, 0, 0]
    const gone = Math.min(lost, count - stay)
    if (gone <= 0) return []
    counts.set(`${day} ${bin}`, lost - gone)
    const share = gone / (count - stay)
    return [[storageClass, day, bin, gone, Math.round(Math.max(0, bytes - stayBytes) * share)]]
  })
}

/** Days that count as one today were several before. */
function merged(rows: readonly AgedRow[], today: Day): AgedRow[] {
  const sums = new Map<string, AgedRow>()
  for (const [storageClass, written, bin, count, bytes] of rows) {
    const day = countedDay(written, Math.floor(today))
    const key = keyOf([storageClass, day, bin])
    const sum = sums.get(key)
    sums.set(key, [storageClass, day, bin, count + (sum?.[3] ?? 0), bytes + (sum?.[4] ?? 0)])
  }
  return [...sums.values()]
}

const keyOf = ([storageClass, day, bin]: readonly [string, Day, number, ...unknown[]]): string =>
  `${storageClass} ${day} ${bin}`

/** What some days without these objects have saved. */
function worth(
  [storageClass, day, bin, count, bytes]: AgedRow,
  { endsAfter }: DeletionRule,
  from: Day,
  to: Day,
  { classes, gbOf }: RegionPrices,
): number {
  const standard = classes['STANDARD']!
  const price = classes[storageClass] ?? standard
  const begin = Math.max(from, day + price.minimumDays)
  const end = Math.min(to, endsAfter === Number.POSITIVE_INFINITY ? to : dueDay(day, endsAfter))
  if (end <= begin) return 0
  const paid = SIZE_EDGES[bin]! < price.minimumBytes ? count * price.minimumBytes : bytes
  const aMonth =
    ((paid + count * price.overheadBytes) / GIB) * marginalRate(price, gbOf(storageClass)) +
    ((count * price.standardOverheadBytes) / GIB) * marginalRate(standard, gbOf('STANDARD'))
  return ((end - begin) / MONTH_DAYS) * aMonth
}
