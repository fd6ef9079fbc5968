import { forecast, type Observation, READ_DAYS } from './forecast.ts'
import {
  applies,
  type Charges,
  GIB,
  HORIZON_DAYS,
  type RegionPrices,
  simulate,
  SMALLEST_MOVED,
  type TieringRule,
  totalOf,
} from './simulate.ts'

export interface Advice {
  readonly rule: TieringRule
  /** Objects and bytes that it acts on now or later, of those that are there. */
  readonly objects: number
  readonly bytes: number
  /** Of the next twelve months, in the currency of the prices. */
  readonly saving: number
  /** The saving if twice as much is read and deleted as was seen, and more where little was seen. */
  readonly savingAtLeast: number
  /** What it costs once to move what is there. */
  readonly fee: number
  /** Until the fee is earned; null where there is none. */
  readonly paybackMonths: number | null
  readonly without: Charges
  readonly with: Charges
  /** Of each month, without and with it. */
  readonly months: readonly { readonly without: number; readonly with: number }[]
}

/** Where a rule would act. '' is the whole bucket. */
export interface AdvisedPart extends Observation {
  readonly prefix: string
}

const TARGETS: readonly { readonly toClass: string; readonly afterDays: readonly number[] }[] = [
  { toClass: 'STANDARD_IA', afterDays: [30, 60, 90, 180] },
  { toClass: 'GLACIER_IR', afterDays: [0, 30, 60, 90, 180] },
  { toClass: 'INTELLIGENT_TIERING', afterDays: [0] },
]
const MIN_SIZES = [SMALLEST_MOVED, 524_288, 1_048_576, 4_194_304]
const NONCURRENT_DAYS = [7, 30]
const ABORT_DAYS = 7

/** Reads and deletions that an advice has to stand. */
const STRESS = { reads: 2, deletions: 2, cohortDays: 15, stepDays: 30 }
/** What an advice saves at least, of the part's bill and in money over a year, so that it is worth a rule. */
const MIN_SHARE = 0.02
const MIN_SAVING = 0.1

/**
 * The rule that saves most for a part of a bucket, if any does so even when twice as much is read and deleted as before.
 * Only classes whose objects can be read at once are advised, and nothing that deletes what a person can see.
 */
export function advise(part: AdvisedPart, prices: RegionPrices): Advice[] {
  const advice = [best(part, prices, currentRules(part.prefix, prices))]
  if (part.cells.some(({ state }) => state === 'noncurrent')) {
    const rules = NONCURRENT_DAYS.map((afterDays) => ({
      prefix: part.prefix,
      minBytes: SMALLEST_MOVED,
      state: 'noncurrent' as const,
      afterDays,
      toClass: 'GLACIER_IR',
    }))
    advice.push(
      best(
        part,
        prices,
        rules.filter(({ toClass }) => prices.classes[toClass] !== undefined),
      ),
    )
  }
  if (part.cells.some(({ state }) => state === 'upload')) {
    const abort = { prefix: part.prefix, minBytes: 0, state: 'upload', afterDays: ABORT_DAYS, toClass: null } as const
    advice.push(best(part, prices, [abort]))
  }
  return advice.filter((each) => each !== undefined)
}

function currentRules(prefix: string, { classes }: RegionPrices): TieringRule[] {
  return TARGETS.filter(({ toClass }) => classes[toClass] !== undefined && !classes[toClass].archive).flatMap(
    ({ toClass, afterDays }) =>
      afterDays.flatMap((days) =>
        MIN_SIZES.map((minBytes) => ({ prefix, minBytes, state: 'current' as const, afterDays: days, toClass })),
      ),
  )
}

function best(part: AdvisedPart, prices: RegionPrices, rules: readonly TieringRule[]): Advice | undefined {
  const { day } = part
  const acted = (rule: TieringRule) => part.cells.filter((cell) => applies(rule, cell, prices))
  const useful = rules.filter((rule) => acted(rule).length > 0)
  if (useful.length === 0) return undefined
  const stressed = forecast(part, STRESS)
  const worst = totalOf(simulate(stressed, undefined, prices, day).total)
  let found: { rule: TieringRule; least: number } | undefined
  for (const rule of useful) {
    const least = worst - totalOf(simulate(stressed, rule, prices, day).total) - unseenReads(part, rule, prices)
    if (least > (found?.least ?? Math.max(MIN_SAVING, worst * MIN_SHARE))) found = { rule, least }
  }
  if (found === undefined) return undefined
  const { rule, least } = found
  const cohorts = forecast(part)
  const without = simulate(cohorts, undefined, prices, day)
  const after = simulate(cohorts, rule, prices, day)
  const cells = acted(rule)
  const objects = cells.reduce((sum, { count }) => sum + count, 0)
  const saving = totalOf(without.total) - totalOf(after.total)
  const fee = rule.toClass === null ? 0 : (objects * (prices.classes[rule.toClass]?.perThousandTransitions ?? 0)) / 1000
  return {
    rule,
    objects,
    bytes: cells.reduce((sum, { bytes }) => sum + bytes, 0),
    saving,
    savingAtLeast: Math.min(least, saving),
    fee,
    paybackMonths: paybackOf(without.months.map(totalOf), after.months.map(totalOf)),
    without: without.total,
    with: after.total,
    months: without.months.map((month, at) => ({ without: totalOf(month), with: totalOf(after.months[at]!) })),
  }
}

/** Months after which what was saved is more than what it cost, for good. */
function paybackOf(without: readonly number[], after: readonly number[]): number | null {
  let sum = 0
  let payback: number | null = null
  for (const [month, before] of without.entries()) {
    sum += before - after[month]!
    if (sum >= 0) payback ??= month + 1
    else payback = null
  }
  return payback
}

/**
 * What reads cost that come by chance: as many more of the largest objects as a count of so few reads may be wrong by. Of
 * a handful of objects, one that is suddenly read must not make the advice wrong.
 */
function unseenReads(part: AdvisedPart, rule: TieringRule, prices: RegionPrices): number {
  const price = rule.toClass === null ? undefined : prices.classes[rule.toClass]
  if (price === undefined || price.perGBRetrieved === 0) return 0
  let largest = 0
  let reads = 0
  for (const cell of part.cells) {
    if (!applies(rule, cell, prices)) continue
    largest = Math.max(largest, cell.bytes / cell.count)
    reads += cell.reads
  }
  const more = 3 * Math.sqrt(reads + 1) * (HORIZON_DAYS / READ_DAYS)
  return more * ((largest / GIB) * price.perGBRetrieved + price.perThousandGets / 1000)
}
