import type { ClassPrice } from './price-book.ts'
import type { RegionPrices, TieringRule } from './simulate.ts'

/** One object and all that happens to it. Days count from any day; whole numbers. */
export interface TracedObject {
  readonly size: number
  readonly created: number
  /** Infinity: never. */
  readonly deleted: number
  /** Days of reads, ascending; a day may stand there twice. */
  readonly reads: readonly number[]
  readonly storageClass?: string
}

const GB = 2 ** 30
const MONTH = 365 / 12

const COLDER = ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE']

/** What a rule moves is large enough, and gets colder. */
const moves = (object: TracedObject, rule: TieringRule | undefined): boolean =>
  rule !== undefined &&
  rule.state === 'current' &&
  COLDER.indexOf(object.storageClass ?? 'STANDARD') < COLDER.indexOf(rule.toClass ?? '') &&
  object.size >= rule.minBytes

/** The bill of a year, object by object and day by day. */
export function bruteForceBill(
  objects: readonly TracedObject[],
  rule: TieringRule | undefined,
  { classes }: RegionPrices,
  start: number,
): number {
  const standard = classes['STANDARD']!.tiers[0]!.perGBMonth
  let bill = 0
  const daily = (object: TracedObject, price: ClassPrice, rate: number): number =>
    ((Math.max(object.size, price.minimumBytes) + price.overheadBytes) / GB / MONTH) * rate +
    (price.standardOverheadBytes / GB / MONTH) * standard
  for (const object of objects) {
    if (object.deleted <= start || object.created >= start + 365) continue
    let name = object.storageClass ?? 'STANDARD'
    let since = object.created
    const due = moves(object, rule) ? Math.max(start, object.created + rule!.afterDays + 1) : Number.POSITIVE_INFINITY
    let next = object.reads.findIndex((day) => day >= start)
    if (next === -1) next = object.reads.length
    let lastRead = Number.NEGATIVE_INFINITY
    if (object.created >= start) bill += classes[name]!.perThousandPuts / 1000
    for (let day = Math.max(start, object.created); day < start + 365; day++) {
      const price = classes[name]!
      if (day === object.deleted) {
        const left = price.minimumDays - (day - since)
        if (left > 0) bill += left * daily(object, price, price.tiers[0]!.perGBMonth)
        break
      }
      if (day === due) {
        const left = price.minimumDays - (day - since)
        if (left > 0) bill += left * daily(object, price, price.tiers[0]!.perGBMonth)
        name = rule!.toClass!
        since = day
        bill += classes[name]!.perThousandTransitions / 1000
      }
      const now = classes[name]!
      for (; object.reads[next] === day; next++) {
        lastRead = day
        bill += now.perThousandGets / 1000 + now.perThousandRetrievals / 1000 + (object.size / GB) * now.perGBRetrieved
      }
      let rate = now.tiers[0]!.perGBMonth
      if (now.idle.length > 0 && object.size >= now.monitoredFromBytes) {
        const idleDays = day - Math.max(since, lastRead)
        for (const { afterDays, perGBMonth } of now.idle) if (idleDays >= afterDays) rate = perGBMonth
      }
      bill += daily(object, now, rate)
      if (now.perThousandMonitored > 0 && object.size >= now.monitoredFromBytes) {
        bill += now.perThousandMonitored / 1000 / MONTH
      }
    }
  }
  return bill
}
