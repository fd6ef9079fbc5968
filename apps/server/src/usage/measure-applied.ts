import { type ClassPrice, marginalRate } from '@skycrate/core/economics/price-book'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { GIB, MONTH_DAYS, type RegionPrices } from '@skycrate/core/economics/simulate'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { BucketRules } from '../stores/tiering-store.ts'
import { type AppliedRule, findApplied, inClass, type Observed, sumOf, textOf } from './applied-rules.ts'
import type { Bins, FolderTotals } from './folder-totals.ts'
import { measureDeletion } from './measure-deletions.ts'
import { ownTiers, tieringADay } from './measure-tiers.ts'
import { agedRows, type Ages } from './usage-ages.ts'
import type { UsageSummary } from './usage-rows.ts'

const DAY_MS = 86_400_000

/** A count, as rules are measured by it. */
interface Count {
  readonly folders: (prefixes: readonly string[]) => Promise<readonly FolderTotals[]>
  readonly prices: RegionPrices
  readonly reads: UsageSummary['reads']
  /** Of the count before, and of this one. */
  readonly ages: { readonly before: Ages | undefined; readonly now: Ages }
  readonly othersDelete: BucketRules['othersDelete']
  readonly at: Date
}

interface Measured {
  readonly moved: Bins
  readonly saved: number
  readonly fee: number
  readonly observed: Observed
}

/** The rules of a bucket that are measured by its counts. */
export const openRules = async (sql: Sql, ref: BucketRef): Promise<AppliedRule[]> =>
  (await findApplied(sql, [ref])).filter(({ endedAt }) => endedAt === null)

/** Adds what the rules of a bucket have saved since the count before. */
export async function measureApplied(tx: Sql, ref: BucketRef, count: Count): Promise<void> {
  const open = await openRules(tx, ref)
  if (open.length === 0) return
  const folders = await count.folders([...new Set(['', ...open.map(({ rule }) => rule.prefix)])])
  for (const applied of open) {
    const { rule, appliedAt, measuredAt } = applied
    if (count.at <= measuredAt) continue
    const measured = measure(applied, open, folders, count)
    if (measured === undefined) continue
    await tx.query(
      `update usage_applied set moved = $5::jsonb, measured_at = $6, saved = saved + $7, fees = fees + $8, observed = $9::jsonb
       where store = $1 and bucket = $2 and rule = $3 and applied_at = $4`,
      [
        ref.store,
        ref.bucket,
        textOf(rule),
        appliedAt,
        JSON.stringify(measured.moved),
        count.at,
        measured.saved,
        measured.fee,
        JSON.stringify(measured.observed),
      ],
    )
  }
}

/** Undefined where the prices do not have its class. */
function measure(
  applied: AppliedRule,
  open: readonly AppliedRule[],
  folders: readonly FolderTotals[],
  count: Count,
): Measured | undefined {
  const { rule } = applied
  if (rule.toClass === null) return measureDeleted(applied, open, count)
  const folder = folders.find(({ prefix }) => prefix === rule.prefix)
  if (rule.toClass === 'INTELLIGENT_TIERING') return measureTiered(applied, folder, count)
  const whole = folders.find(({ prefix }) => prefix === '')
  return measureMoved(applied, folder, whole, count)
}

function measureDeleted(applied: AppliedRule, open: readonly AppliedRule[], count: Count): Measured {
  const { rule, observed, moved, appliedAt, measuredAt } = applied
  const state = rule.state === 'upload' ? 'upload' : 'noncurrent'
  const now = agedRows(count.ages.now, rule.prefix, state)
  if (rule.tag !== undefined || now === undefined) {
    return { moved, saved: 0, fee: 0, observed: { unmeasured: rule.tag === undefined ? 'folder' : 'tags' } }
  }
  const dayOf = (time: Date): number => time.getTime() / DAY_MS
  const others = open
    .filter((each) => each !== applied && deletesFirst(each, applied))
    .map((each) => each.rule.afterDays)
  const { saved, gone } = measureDeletion(
    {
      afterDays: rule.afterDays,
      minBytes: rule.minBytes,
      appliedOn: dayOf(appliedAt),
      endsAfter: Math.min(count.othersDelete[state] ?? Number.POSITIVE_INFINITY, ...others),
    },
    observed.gone ?? [],
    count.ages.before && agedRows(count.ages.before, rule.prefix, state),
    now,
    { from: dayOf(measuredAt), to: dayOf(count.at), prices: count.prices },
  )
  const deleted: Bins = {}
  for (const [, , bin, objects, bytes] of gone) {
    const sum = (deleted[bin] ??= [0, 0])
    sum[0] += objects
    sum[1] += bytes
  }
  return { moved: deleted, saved, fee: 0, observed: { gone } }
}

/** Whether a rule would delete some of the same no later than the other does, so that only one of them saves anything. */
function deletesFirst(each: AppliedRule, other: AppliedRule): boolean {
  const [a, b] = [each.rule, other.rule]
  if (a.toClass !== null || a.state !== b.state) return false
  if (!a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix)) return false
  if (a.afterDays !== b.afterDays) return a.afterDays < b.afterDays
  const order = each.appliedAt.getTime() - other.appliedAt.getTime()
  return order === 0 ? textOf(a) < textOf(b) : order < 0
}

function measureTiered(
  { rule, before, moved: had, observed, measuredAt }: AppliedRule,
  folder: FolderTotals | undefined,
  { prices, at }: Count,
): Measured | undefined {
  const price = prices.classes['INTELLIGENT_TIERING']
  if (price === undefined) return undefined
  const inside = folder === undefined ? {} : inClass(folder, rule)
  const moved = beyond(inside, before)
  const days = (at.getTime() - measuredAt.getTime()) / DAY_MS
  const fee = feeOf(moved, had, price)
  const tiers = folder?.detail.tiers
  return {
    moved,
    saved: days * tieringADay(observed.tiers ?? {}, prices) - fee,
    fee,
    observed:
      tiers === undefined && sumOf(moved).objects > 0
        ? { unmeasured: 'tiers' }
        : { tiers: ownTiers(tiers ?? {}, moved, inside) },
  }
}

/** What had been moved by the count before, for the days since, less the fees of what was moved meanwhile. */
function measureMoved(
  { rule, before, moved: had, observed, measuredAt }: AppliedRule,
  folder: FolderTotals | undefined,
  whole: FolderTotals | undefined,
  { prices, reads: readsOf, at }: Count,
): Measured | undefined {
  const days = (at.getTime() - measuredAt.getTime()) / DAY_MS
  const moved = folder === undefined ? {} : beyond(inClass(folder, rule), before)
  const [to, standard] = [prices.classes[rule.toClass!], prices.classes['STANDARD']!]
  if (to === undefined) return undefined
  const aDay = (monthOf(had, standard, standard, prices) - monthOf(had, to, standard, prices)) / MONTH_DAYS
  const [reads, readBytes] = readsOf[rule.toClass!] ?? [0, 0]
  const inWhole = whole === undefined ? 0 : sumOf(inClass(whole, { ...rule, minBytes: 0 })).bytes
  const share = inWhole > 0 ? Math.min(1, sumOf(had).bytes / inWhole) : 0
  const reading =
    (share / 30) *
    ((reads * Math.max(0, to.perThousandGets - standard.perThousandGets) + reads * to.perThousandRetrievals) / 1000 +
      (readBytes / GIB) * to.perGBRetrieved)
  const fee = feeOf(moved, had, to)
  return { moved, saved: days * (aDay - reading) - fee, fee, observed }
}

const feeOf = (moved: Bins, had: Bins, to: ClassPrice): number =>
  (Math.max(0, sumOf(moved).objects - sumOf(had).objects) * to.perThousandTransitions) / 1000

function beyond(now: Bins, before: Bins): Bins {
  return Object.fromEntries(
    Object.entries(now).map(([bin, [count, bytes]]) => {
      const [had, hadBytes] = before[Number(bin)] ?? [0, 0]
      return [bin, [Math.max(0, count - had), Math.max(0, bytes - hadBytes)]]
    }),
  )
}

/** What objects cost a month in a class. */
function monthOf(bins: Bins, price: ClassPrice, standard: ClassPrice, { gbOf }: RegionPrices): number {
  const rate = marginalRate(price, gbOf(price === standard ? 'STANDARD' : ''))
  const standardRate = marginalRate(standard, gbOf('STANDARD'))
  let sum = 0
  for (const [bin, [count, bytes]] of Object.entries(bins)) {
    const paid = SIZE_EDGES[Number(bin)]! < price.minimumBytes ? count * price.minimumBytes : bytes
    sum += ((paid + count * price.overheadBytes) / GIB) * rate
    sum += ((count * price.standardOverheadBytes) / GIB) * standardRate
  }
  return sum
}
