import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { type ClassPrice, marginalRate } from '@skycrate/core/economics/price-book'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { GIB, MONTH_DAYS, type RegionPrices } from '@skycrate/core/economics/simulate'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { Bins, FolderTotals } from './folder-totals.ts'
import { findFolders, findRuns, type UsageSummary } from './usage-rows.ts'

const DAY_MS = 86_400_000
/** Days that ended rules are shown. */
const KEPT_DAYS = 400

export interface AppliedRule extends BucketRef {
  readonly rule: TieringRule
  readonly appliedAt: Date
  readonly endedAt: Date | null
  /** Saving of each month. */
  readonly promised: readonly number[] | null
  readonly before: Bins
  readonly moved: Bins
  readonly measuredAt: Date
  readonly saved: number
  readonly fees: number
}

const COLUMNS = `store, bucket, rule::jsonb as rule, applied_at as "appliedAt", ended_at as "endedAt", promised, before, moved,
  measured_at as "measuredAt", saved, fees`

const textOf = ({ prefix, minBytes, tag, state, afterDays, toClass }: TieringRule): string =>
  JSON.stringify({
    prefix,
    minBytes,
    ...(tag && { tag: { key: tag.key, value: tag.value } }),
    state,
    afterDays,
    toClass,
  })

/** Whether what the rule saves can be seen in a count: S3 tells nobody the tiers of Intelligent-Tiering, nor what is gone. */
export const isMeasured = ({ toClass }: TieringRule): boolean => toClass !== null && toClass !== 'INTELLIGENT_TIERING'

/** Notes which rules a bucket has from now on, and what the latest advice promised of those that are new. */
export async function noteApplied(sql: Sql, ref: BucketRef, rules: readonly TieringRule[], now: number): Promise<void> {
  const { store, bucket } = ref
  const texts = rules.map(textOf)
  await sql.query(
    `update usage_applied set ended_at = $4 where store = $1 and bucket = $2 and ended_at is null and rule <> all($3)`,
    [store, bucket, texts, new Date(now)],
  )
  await sql.query(`delete from usage_applied where store = $1 and bucket = $2 and ended_at < $3`, [
    store,
    bucket,
    new Date(now - KEPT_DAYS * DAY_MS),
  ])
  const [run] = await findRuns(sql, [ref])
  const folders = await findFolders(
    sql,
    rules.map(({ prefix }) => ({ ...ref, prefix })),
  )
  for (const [at, rule] of rules.entries()) {
    const advice = run?.outlook.advice.find((each) => textOf(each.rule) === texts[at])
    const promised = advice?.months.map((month) => month.without - month.with)
    const folder = folders.find(({ prefix }) => prefix === rule.prefix)
    await sql.query(
      `insert into usage_applied (store, bucket, rule, applied_at, promised, before, measured_at)
       values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $4) on conflict do nothing`,
      [
        store,
        bucket,
        texts[at],
        new Date(now),
        promised === undefined ? null : JSON.stringify(promised),
        JSON.stringify(folder === undefined ? {} : inClass(folder, rule)),
      ],
    )
  }
}

export async function findApplied(sql: Sql, buckets: readonly BucketRef[] | undefined): Promise<AppliedRule[]> {
  return sql.query<AppliedRule>(
    `select ${COLUMNS} from usage_applied
     where ($1::text[] is null or (store, bucket) in (select * from unnest($1::text[], $2::text[])))
     order by applied_at desc limit 200`,
    buckets === undefined ? [null, null] : [buckets.map(({ store }) => store), buckets.map(({ bucket }) => bucket)],
  )
}

/**
 * Adds what the rules of a bucket have saved since the count before: what had been moved by then, for the days since, and the
 * fees of what was moved meanwhile.
 * @param folders of the new count
 */
export async function measureApplied(
  tx: Sql,
  ref: BucketRef,
  count: {
    readonly folders: (prefixes: readonly string[]) => Promise<readonly FolderTotals[]>
    readonly prices: RegionPrices
    readonly reads: UsageSummary['reads']
    readonly at: Date
  },
): Promise<void> {
  const open = (await findApplied(tx, [ref])).filter(({ endedAt, rule }) => endedAt === null && isMeasured(rule))
  if (open.length === 0) return
  const folders = await count.folders([...new Set(['', ...open.map(({ rule }) => rule.prefix)])])
  const whole = folders.find(({ prefix }) => prefix === '')
  for (const applied of open) {
    const { rule, measuredAt, appliedAt } = applied
    const days = (count.at.getTime() - measuredAt.getTime()) / DAY_MS
    if (days <= 0) continue
    const folder = folders.find(({ prefix }) => prefix === rule.prefix)
    const moved = folder === undefined ? {} : beyond(inClass(folder, rule), applied.before)
    const [to, standard] = [count.prices.classes[rule.toClass!], count.prices.classes['STANDARD']!]
    if (to === undefined) continue
    const aDay =
      (monthOf(applied.moved, standard, standard, count.prices) - monthOf(applied.moved, to, standard, count.prices)) /
      MONTH_DAYS
    const [reads, readBytes] = count.reads[rule.toClass!] ?? [0, 0]
    const inWhole = whole === undefined ? 0 : sumOf(inClass(whole, { ...rule, minBytes: 0 })).bytes
    const share = inWhole > 0 ? Math.min(1, sumOf(applied.moved).bytes / inWhole) : 0
    const reading =
      (share / 30) *
      ((reads * Math.max(0, to.perThousandGets - standard.perThousandGets) + reads * to.perThousandRetrievals) / 1000 +
        (readBytes / GIB) * to.perGBRetrieved)
    const fee = (Math.max(0, sumOf(moved).objects - sumOf(applied.moved).objects) * to.perThousandTransitions) / 1000
    await tx.query(
      `update usage_applied set moved = $5::jsonb, measured_at = $6, saved = saved + $7, fees = fees + $8
       where store = $1 and bucket = $2 and rule = $3 and applied_at = $4`,
      [
        ref.store,
        ref.bucket,
        textOf(rule),
        appliedAt,
        JSON.stringify(moved),
        count.at,
        days * (aDay - reading) - fee,
        fee,
      ],
    )
  }
}

/** What the advice promised for the time that was measured; null where none named the rule. */
export function promisedSoFar({ promised, appliedAt, measuredAt }: AppliedRule): number | null {
  if (promised === null) return null
  const months = (measuredAt.getTime() - appliedAt.getTime()) / DAY_MS / MONTH_DAYS
  return promised.reduce((sum, month, at) => sum + month * Math.min(1, Math.max(0, months - at)), 0)
}

/** What of a folder is in the class of a rule and large enough for it. */
function inClass({ classes }: FolderTotals, { toClass, state, minBytes }: TieringRule): Bins {
  const bins = classes[toClass ?? '']?.[state] ?? {}
  return Object.fromEntries(Object.entries(bins).filter(([bin]) => SIZE_EDGES[Number(bin)]! >= minBytes))
}

function beyond(now: Bins, before: Bins): Bins {
  return Object.fromEntries(
    Object.entries(now).map(([bin, [count, bytes]]) => {
      const [had, hadBytes] = before[Number(bin)] ?? [0, 0]
      return [bin, [Math.max(0, count - had), Math.max(0, bytes - hadBytes)]]
    }),
  )
}

export function sumOf(bins: Bins): { readonly objects: number; readonly bytes: number } {
  const all = Object.values(bins)
  return {
    objects: all.reduce((sum, [count]) => sum + count, 0),
    bytes: all.reduce((sum, [, bytes]) => sum + bytes, 0),
  }
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
