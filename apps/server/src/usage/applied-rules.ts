import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { SIZE_EDGES } from '@skycrate/core/economics/size-bins'
import { MONTH_DAYS } from '@skycrate/core/economics/simulate'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { Bins, FolderTotals, TierBins } from './folder-totals.ts'
import type { AgedRow } from './measure-deletions.ts'
import { findFolders, findRuns } from './usage-rows.ts'

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
  readonly observed: Observed
}

const COLUMNS = `store, bucket, rule::jsonb as rule, applied_at as "appliedAt", ended_at as "endedAt", promised, before, moved,
  measured_at as "measuredAt", saved, fees, observed`

/** The same for the same rule. */
export const textOf = ({ prefix, minBytes, tag, state, afterDays, toClass }: TieringRule): string =>
  JSON.stringify({
    prefix,
    minBytes,
    ...(tag && { tag: { key: tag.key, value: tag.value } }),
    state,
    afterDays,
    toClass,
  })

/** Why there is no number of what a rule has saved. */
export type Unmeasured = 'tags' | 'folder' | 'tiers'

/** What counts have shown of a rule beside what it has moved. JSON. */
export interface Observed {
  /** By a rule that deletes. */
  readonly gone?: readonly AgedRow[]
  /** Of the objects that a rule has moved to Intelligent-Tiering. */
  readonly tiers?: TierBins
  readonly unmeasured?: Unmeasured
}

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

/** What the advice promised for the time that was measured; null where none named the rule. */
export function promisedSoFar({ promised, appliedAt, measuredAt }: AppliedRule): number | null {
  if (promised === null) return null
  const months = (measuredAt.getTime() - appliedAt.getTime()) / DAY_MS / MONTH_DAYS
  return promised.reduce((sum, month, at) => sum + month * Math.min(1, Math.max(0, months - at)), 0)
}

/** What of a folder is in the class of a rule and large enough for it. */
export function inClass({ classes }: FolderTotals, { toClass, state, minBytes }: TieringRule): Bins {
  const bins = classes[toClass ?? '']?.[state] ?? {}
  return Object.fromEntries(Object.entries(bins).filter(([bin]) => SIZE_EDGES[Number(bin)]! >= minBytes))
}

export function sumOf(bins: Bins): { readonly objects: number; readonly bytes: number } {
  const all = Object.values(bins)
  return {
    objects: all.reduce((sum, [count]) => sum + count, 0),
    bytes: all.reduce((sum, [, bytes]) => sum + bytes, 0),
  }
}
