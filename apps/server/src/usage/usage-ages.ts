import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import { MAX_PARTS } from './inventory-tally.ts'
import type { AgedRow } from './measure-deletions.ts'
import type { Part } from './usage-rows.ts'

/** Old versions and unfinished uploads of a folder at the top of a bucket; '' has what is in none of its own. JSON. */
interface AgedPart {
  readonly prefix: string
  readonly noncurrent: readonly AgedRow[]
  readonly upload: readonly AgedRow[]
}

/** Of a whole bucket: by them the next count sees what was deleted. */
export type Ages = readonly AgedPart[]

export function agesOf(parts: readonly Part[]): Ages {
  return parts.map(({ prefix, cells }) => {
    const of = (wanted: 'noncurrent' | 'upload'): AgedRow[] =>
      cells
        .filter(({ state }) => state === wanted)
        .map(({ storageClass, day, bin, count, bytes }) => [storageClass, day, bin, count, bytes])
    return { prefix, noncurrent: of('noncurrent'), upload: of('upload') }
  })
}

/** Undefined where the folder is not told apart from others. */
export function agedRows(ages: Ages, prefix: string, state: 'noncurrent' | 'upload'): readonly AgedRow[] | undefined {
  if (prefix === '') return ages.flatMap((part) => part[state])
  const part = ages.find((each) => each.prefix === prefix)
  if (part !== undefined) return part[state]
  return ages.length > MAX_PARTS || prefix.indexOf('/') < prefix.length - 1 ? undefined : []
}

/** Of the latest count; undefined where there is none. */
export async function findAges(sql: Sql, { store, bucket }: BucketRef): Promise<Ages | undefined> {
  const [row] = await sql.query<{ ages: Buffer | null }>(
    `select ages from usage_buckets where store = $1 and bucket = $2`,
    [store, bucket],
  )
  if (row === undefined || row.ages === null) return undefined
  return JSON.parse((await promisify(gunzip)(row.ages)).toString()) as Ages
}

export async function keepAges(tx: Sql, { store, bucket }: BucketRef, ages: Ages): Promise<void> {
  await tx.query(`update usage_buckets set ages = $3 where store = $1 and bucket = $2`, [
    store,
    bucket,
    await promisify(gzip)(JSON.stringify(ages)),
  ])
}
