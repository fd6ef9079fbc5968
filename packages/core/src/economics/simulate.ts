import { type ClassPrice, marginalRate } from './price-book.ts'
import { SIZE_EDGES } from './size-bins.ts'

export const GIB = 1024 ** 3
/** A month of a simulation, so that twelve are a year. */
export const MONTH_DAYS = 365 / 12
/** Where a lifecycle rule says nothing of sizes, S3 moves no smaller object. */
export const SMALLEST_MOVED = 131_072

export type State = 'current' | 'noncurrent' | 'upload'

/** Something that happens to some of a cohort's objects on a day. */
export interface Flow {
  readonly day: number
  /** May be a fraction: an expectation. */
  readonly count: number
  readonly bytes: number
}

/** Objects of one class, bin and day, with what becomes of them. Days count from 1970. */
export interface Cohort {
  readonly storageClass: string
  readonly state: State
  /** When they were written; of noncurrent versions, when they were replaced or deleted. */
  readonly day: number
  readonly bin: number
  readonly count: number
  readonly bytes: number
  /** In order. */
  readonly deletions: readonly Flow[]
  readonly reads: readonly Flow[]
}

/** A lifecycle rule as it is simulated. */
export interface TieringRule {
  readonly prefix: string
  /** Bytes; what is smaller stays. One of `SIZE_EDGES`. */
  readonly minBytes: number
  readonly state: State
  readonly afterDays: number
  /** Null: they are deleted. */
  readonly toClass: string | null
}

/** Money by charge. */
export interface Charges {
  readonly storage: number
  readonly requests: number
  readonly retrieval: number
  readonly transitions: number
  readonly earlyDeletion: number
  readonly monitoring: number
}

export type Charge = keyof Charges

export const CHARGES: readonly Charge[] = [
  'storage',
  'requests',
  'retrieval',
  'transitions',
  'earlyDeletion',
  'monitoring',
]

/** The prices of a region with the amount that each class holds there, in GiB: it chooses the tier. */
export interface RegionPrices {
  readonly classes: Readonly<Record<string, ClassPrice>>
  readonly gbOf: (storageClass: string) => number
}

export interface Simulation {
  readonly total: Charges
  /** Of each month, in order. */
  readonly months: readonly Charges[]
}

const MONTHS = 12
export const HORIZON_DAYS = 365

export const noCharges = (): Record<Charge, number> => ({
  storage: 0,
  requests: 0,
  retrieval: 0,
  transitions: 0,
  earlyDeletion: 0,
  monitoring: 0,
})

export const totalOf = (charges: Charges): number => CHARGES.reduce((sum, each) => sum + charges[each], 0)

/** The day on which a rule acts on what was written on a day: S3 rounds up to the next midnight. */
export const dueDay = (day: number, afterDays: number): number => day + afterDays + 1

/** Whether a rule acts on a bin of this class. Objects only ever move to a colder class, which is one that costs less. */
export function applies(
  rule: TieringRule,
  { state, storageClass, bin }: Pick<Cohort, 'state' | 'storageClass' | 'bin'>,
  { classes }: Pick<RegionPrices, 'classes'>,
): boolean {
  if (rule.state !== state || SIZE_EDGES[bin]! < rule.minBytes) return false
  if (rule.toClass === null) return true
  const [from, to] = [classes[storageClass], classes[rule.toClass]]
  return from !== undefined && to !== undefined && rank(to) < rank(from)
}

/** How warm a class is: what it costs while it is idle, with STANDARD first. */
const rank = (price: ClassPrice): number => price.idle.at(-1)?.perGBMonth ?? price.tiers[0]!.perGBMonth

/**
 * What cohorts cost over a year from `start`, with or without a rule. Exact for what it is given: no object is looked at,
 * since everything that a price depends on is the same for all of a cohort.
 */
export function simulate(
  cohorts: Iterable<Cohort>,
  rule: TieringRule | undefined,
  prices: RegionPrices,
  start: number,
): Simulation {
  const months = Array.from({ length: MONTHS }, noCharges)
  const rates = new Map<string, Rates>()
  const ratesOf = (name: string): Rates => {
    let found = rates.get(name)
    if (found === undefined) rates.set(name, (found = createRates(name, prices)))
    return found
  }
  for (const cohort of cohorts) simulateCohort(cohort, rule, prices, start, months, ratesOf)
  const total = noCharges()
  for (const month of months) for (const each of CHARGES) total[each] += month[each]
  return { total, months }
}

/** Prices by byte, object and day. */
interface Rates {
  readonly price: ClassPrice
  readonly byteDay: number
  readonly overheadDay: number
  readonly monitoringDay: number
  readonly idle: readonly { readonly afterDays: number; readonly byteDay: number }[]
}

function createRates(name: string, { classes, gbOf }: RegionPrices): Rates {
  const price = classes[name] ?? classes['STANDARD']!
  const daily = (perGBMonth: number): number => perGBMonth / GIB / MONTH_DAYS
  const byteDay = daily(marginalRate(price, gbOf(name)))
  const standardDay = daily(marginalRate(classes['STANDARD']!, gbOf('STANDARD')))
  return {
    price,
    byteDay,
    overheadDay: price.overheadBytes * byteDay + price.standardOverheadBytes * standardDay,
    monitoringDay: price.perThousandMonitored / 1000 / MONTH_DAYS,
    idle: price.idle.map(({ afterDays, perGBMonth }) => ({ afterDays, byteDay: daily(perGBMonth) })),
  }
}

/** A time in one class. */
interface Stay {
  readonly rates: Rates
  readonly from: number
  readonly to: number
  /** When they came into the class. */
  readonly since: number
  /** Whether a rule moved them here. */
  readonly moved: boolean
}

function simulateCohort(
  cohort: Cohort,
  rule: TieringRule | undefined,
  prices: RegionPrices,
  start: number,
  months: Record<Charge, number>[],
  ratesOf: (name: string) => Rates,
): void {
  const end = start + HORIZON_DAYS
  const begin = Math.max(start, cohort.day)
  if (begin >= end) return
  const monthAt = (day: number): Record<Charge, number> =>
    months[Math.min(MONTHS - 1, Math.floor((day - start) / MONTH_DAYS))]!
  const acts = rule !== undefined && applies(rule, cohort, prices)
  const due = acts ? Math.max(begin, dueDay(cohort.day, rule.afterDays)) : Number.POSITIVE_INFINITY
  const written = ratesOf(cohort.storageClass)
  const stays: Stay[] = []
  if (due > begin) stays.push({ rates: written, from: begin, to: Math.min(due, end), since: cohort.day, moved: false })
  if (acts && rule.toClass !== null && due < end) {
    stays.push({ rates: ratesOf(rule.toClass), from: due, to: end, since: due, moved: true })
  }
  if (cohort.day >= start && cohort.state === 'current') {
    monthAt(begin).requests += (cohort.count * written.price.perThousandPuts) / 1000
  }

  let { count, bytes } = cohort
  let at = 0
  for (const stay of stays) {
    const { price } = stay.rates
    if (stay.moved) {
      // The way into this class, and what is left to pay in the one before.
      monthAt(stay.from).transitions += (count * price.perThousandTransitions) / 1000
      monthAt(stay.from).earlyDeletion += remainder(written, cohort, cohort.day, stay.from, count, bytes)
    }
    const idle = stay.rates.idle.length > 0 ? idleShares(cohort, stay) : undefined
    let from = stay.from
    const spend = (to: number): void => {
      if (to > from) spread(cohort, stay, from, to, count, bytes, start, months, idle)
      from = to
    }
    // What is deleted on the day of a move is not moved any more.
    for (; at < cohort.deletions.length && cohort.deletions[at]!.day <= stay.to; at++) {
      if (stay.to === end && cohort.deletions[at]!.day === end) break
      const gone = cohort.deletions[at]!
      spend(Math.max(gone.day, from))
      if (gone.day >= stay.from) {
        monthAt(gone.day).earlyDeletion += remainder(stay.rates, cohort, stay.since, gone.day, gone.count, gone.bytes)
      }
      count -= gone.count
      bytes -= gone.bytes
    }
    spend(stay.to)
    for (const read of cohort.reads) {
      if (read.day < stay.from || read.day >= stay.to) continue
      const month = monthAt(read.day)
      month.requests += (read.count * price.perThousandGets) / 1000
      month.retrieval += (read.bytes / GIB) * price.perGBRetrieved + (read.count * price.perThousandRetrievals) / 1000
    }
  }
  if (acts && rule.toClass === null && due < end && count > 0 && stays.length > 0) {
    monthAt(due).earlyDeletion += remainder(written, cohort, cohort.day, due, count, bytes)
  }
}

const billable = ({ price }: Rates, bin: number, count: number, bytes: number): number =>
  SIZE_EDGES[bin]! < price.minimumBytes ? count * price.minimumBytes : bytes

/** What is due for the days of a minimum duration that are left. */
function remainder(rates: Rates, { bin }: Cohort, since: number, day: number, count: number, bytes: number): number {
  const left = rates.price.minimumDays - (day - since)
  return left > 0 ? left * (billable(rates, bin, count, bytes) * rates.byteDay + count * rates.overheadDay) : 0
}

/** Storage and monitoring of some days, by month. */
function spread(
  { bin }: Cohort,
  stay: Stay,
  from: number,
  to: number,
  count: number,
  bytes: number,
  start: number,
  months: Record<Charge, number>[],
  idle: ((from: number, to: number) => number) | undefined,
): void {
  const { rates } = stay
  const paid = billable(rates, bin, count, bytes)
  const monitored = rates.monitoringDay > 0 && SIZE_EDGES[bin]! >= rates.price.monitoredFromBytes
  let day = from
  while (day < to) {
    const index = Math.min(MONTHS - 1, Math.floor((day - start) / MONTH_DAYS + 1e-9))
    const next = index === MONTHS - 1 ? to : Math.min(to, start + (index + 1) * MONTH_DAYS)
    const month = months[index]!
    const days = next - day
    const byteDays = idle === undefined || !monitored ? days * rates.byteDay : idle(day, next)
    month.storage += paid * byteDays + count * days * rates.overheadDay
    if (monitored) month.monitoring += count * days * rates.monitoringDay
    day = next
  }
}

/**
 * The price of a byte over some days in a class that moves idle objects itself, from how often the cohort is read. All of
 * its objects count as equally read. Where some are read more than others, more of them are idle than this says
 * (Jensen's inequality), so a saving is never overstated.
 */
function idleShares(cohort: Cohort, { rates, from, to, since }: Stay): (from: number, to: number) => number {
  let reads = 0
  for (const read of cohort.reads) if (read.day >= from && read.day < to) reads += read.count
  const perDay = cohort.count > 0 ? reads / cohort.count / Math.max(1, to - from) : 0
  const steps = [{ afterDays: 0, byteDay: rates.byteDay }, ...rates.idle]
  /** Per day once objects have been there for so many days. */
  const rateFrom = steps.map((_, reached) => {
    let sum = 0
    for (let step = 0; step <= reached; step++) {
      const share = Math.exp(-perDay * steps[step]!.afterDays)
      const colder = step < reached ? Math.exp(-perDay * steps[step + 1]!.afterDays) : 0
      sum += (share - colder) * steps[step]!.byteDay
    }
    return sum
  })
  return (first, last) => {
    let sum = 0
    for (const [step, { afterDays }] of steps.entries()) {
      const begin = Math.max(first, since + afterDays)
      const finish = Math.min(last, since + (steps[step + 1]?.afterDays ?? Number.POSITIVE_INFINITY))
      if (finish > begin) sum += (finish - begin) * rateFrom[step]!
    }
    return sum
  }
}
