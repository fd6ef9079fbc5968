import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Advice } from '@skycrate/core/economics/advise'
import type { Cell, Count } from '@skycrate/core/economics/forecast'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { DuplicateGroup } from './duplicates.ts'
import type { FolderTotals } from './folder-totals.ts'

export interface UserRequests {
  readonly userId: UserId | null
  readonly puts: number
  readonly gets: number
}

/** What is known of a bucket as a whole. JSON. */
export interface UsageSummary {
  readonly duplicates: {
    readonly groups: readonly DuplicateGroup[]
    readonly objects: number
    readonly bytes: number
    readonly least: number
  }
  /** Of the last 30 days, as the audit log tells. */
  readonly requests: readonly UserRequests[]
  /** Class → reads and bytes read in the last 30 days. */
  readonly reads: Readonly<Record<string, readonly [count: number, bytes: number]>>
  readonly seconds: number
}

/** What an inventory says of the year to come. JSON. */
export interface UsageOutlook {
  readonly region: string
  readonly priceDate: string
  readonly months: readonly number[]
  readonly earlyDeletion: number
  readonly advice: readonly Advice[]
}

export interface UsageRun extends BucketRef {
  readonly run: string
  readonly source: 'listing' | 's3-inventory'
  readonly countedAt: Date
  readonly objectsChanged: number
  readonly bytesChanged: number
  readonly summary: UsageSummary
  readonly outlook: UsageOutlook
  readonly region: string | null
}

const RUN_COLUMNS = `u.store, u.bucket, u.run, u.source, u.counted_at as "countedAt",
  u.objects_changed as "objectsChanged", u.bytes_changed as "bytesChanged", u.summary, u.advice as outlook, b.region`

/** The latest inventories, of some buckets or of all. */
export function findRuns(sql: Sql, buckets: readonly BucketRef[] | undefined): Promise<UsageRun[]> {
  return sql.query<UsageRun>(
    `select ${RUN_COLUMNS} from usage_buckets u join buckets b on b.store = u.store and b.name = u.bucket
     where ($1::text[] is null or (u.store, u.bucket) in (select * from unnest($1::text[], $2::text[])))
     order by u.store, u.bucket`,
    buckets === undefined ? [null, null] : [buckets.map(({ store }) => store), buckets.map(({ bucket }) => bucket)],
  )
}

export interface FolderRow extends FolderTotals, BucketRef {}

const FOLDER_COLUMNS = `f.store, f.bucket, f.prefix, f.objects, f.bytes, f.old_versions as "oldVersions",
  f.old_bytes as "oldBytes", f.uploads, f.upload_bytes as "uploadBytes", f.delete_markers as "deleteMarkers",
  f.classes, f.detail`

const CURRENT = `usage_folders f join usage_buckets u on u.store = f.store and u.bucket = f.bucket and u.run = f.run`

/** Folders by their very names. */
export function findFolders(
  sql: Sql,
  places: readonly { readonly store: string; readonly bucket: string; readonly prefix: string }[],
): Promise<FolderRow[]> {
  return sql.query<FolderRow>(
    `select ${FOLDER_COLUMNS} from ${CURRENT}
     where (f.store, f.bucket, f.prefix) in (select * from unnest($1::text[], $2::text[], $3::text[]))`,
    [places.map(({ store }) => store), places.map(({ bucket }) => bucket), places.map(({ prefix }) => prefix)],
  )
}

/** Whole buckets, the largest first. */
export function findBucketFolders(sql: Sql): Promise<FolderRow[]> {
  return sql.query<FolderRow>(`select ${FOLDER_COLUMNS} from ${CURRENT} where f.prefix = '' order by f.bytes desc`)
}

/** Folders right below a prefix of a bucket, the largest first. */
export function findChildren(
  sql: Sql,
  { store, bucket, prefix }: BucketRef & { readonly prefix: string },
  limit: number,
): Promise<FolderRow[]> {
  return sql.query<FolderRow>(
    `select ${FOLDER_COLUMNS} from ${CURRENT}
     where f.store = $1 and f.bucket = $2 and starts_with(f.prefix, $3) and f.prefix <> $3
       and strpos(substr(f.prefix, length($3) + 1, length(f.prefix) - length($3) - 1), '/') = 0
     order by f.bytes + f.old_bytes + f.upload_bytes desc limit $4`,
    [store, bucket, prefix, limit],
  )
}

export interface HomeRow extends FolderRow {
  readonly userId: UserId
  readonly userName: string | null
}

/** Homes by size. */
export function findHomes(sql: Sql, limit: number): Promise<HomeRow[]> {
  return sql.query<HomeRow>(
    `select ${FOLDER_COLUMNS}, h.user_id as "userId", coalesce(p.name, p.email) as "userName"
     from ${CURRENT} join homes h on h.store = f.store and h.bucket = f.bucket and h.prefix = f.prefix
       left join users p on p.id = h.user_id
     order by f.bytes + f.old_bytes + f.upload_bytes desc limit $1`,
    [limit],
  )
}

/** Whose homes some places are, by `store/bucket/prefix`. @param only of this user; undefined: of everybody */
export async function findOwners(
  sql: Sql,
  places: readonly { readonly store: string; readonly bucket: string; readonly prefix: string }[],
  only: UserId | undefined,
): Promise<ReadonlyMap<string, Pick<HomeRow, 'userId' | 'userName'>>> {
  const rows = await sql.query<{ place: string; userId: UserId; userName: string | null }>(
    `select h.store || '/' || h.bucket || '/' || h.prefix as place, h.user_id as "userId",
       coalesce(p.name, p.email) as "userName"
     from homes h left join users p on p.id = h.user_id
     where (h.store, h.bucket, h.prefix) in (select * from unnest($1::text[], $2::text[], $3::text[]))
       and ($4::text is null or h.user_id = $4)`,
    [
      places.map(({ store }) => store),
      places.map(({ bucket }) => bucket),
      places.map(({ prefix }) => prefix),
      only ?? null,
    ],
  )
  return new Map(rows.map(({ place, userId, userName }) => [place, { userId, userName }]))
}

/** Objects and bytes of each day. */
export function findGrowth(
  sql: Sql,
  places: readonly { readonly store: string; readonly bucket: string; readonly prefix: string }[] | undefined,
): Promise<{ day: string; objects: number; bytes: number }[]> {
  return sql.query(
    `select day, sum(objects)::bigint as objects, sum(bytes)::bigint as bytes from usage_days
     where case when $1::text[] is null then prefix = ''
       else (store, bucket, prefix) in (select * from unnest($1::text[], $2::text[], $3::text[])) end
     group by day order by day`,
    places === undefined
      ? [null, null, null]
      : [places.map(({ store }) => store), places.map(({ bucket }) => bucket), places.map(({ prefix }) => prefix)],
  )
}

/** PostgreSQL has no form for U+0000. */
const storable = (text: string): string => text.replaceAll('\0', '\ufffd')

const asJson = (value: unknown): string => JSON.stringify(value).replaceAll('\\u0000', '\\ufffd')

export async function insertFolders(
  sql: Sql,
  { store, bucket }: BucketRef,
  run: string,
  folders: readonly FolderTotals[],
): Promise<void> {
  if (folders.length === 0) return
  const column = (of: (folder: FolderTotals) => unknown): unknown[] => folders.map(of)
  await sql.query(
    `insert into usage_folders (store, bucket, run, prefix, objects, bytes, old_versions, old_bytes, uploads,
       upload_bytes, delete_markers, classes, detail)
     select $1, $2, $3, * from unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
       $9::bigint[], $10::bigint[], $11::bigint[], $12::jsonb[], $13::jsonb[])
     on conflict (store, bucket, run, prefix) do nothing`,
    [
      store,
      bucket,
      run,
      column(({ prefix }) => storable(prefix)),
      column((each) => each.objects),
      column((each) => each.bytes),
      column((each) => each.oldVersions),
      column((each) => each.oldBytes),
      column((each) => each.uploads),
      column((each) => each.uploadBytes),
      column((each) => each.deleteMarkers),
      column((each) => asJson(each.classes)),
      column((each) => asJson(each.detail)),
    ],
  )
}

/** The run becomes the current one, and what was there before goes. */
export async function publishRun(
  tx: Sql,
  ref: BucketRef,
  run: {
    readonly run: string
    readonly source: UsageRun['source']
    readonly countedAt: Date
    readonly changed: { readonly objects: number; readonly bytes: number }
    readonly summary: UsageSummary
    readonly outlook: UsageOutlook
  },
): Promise<void> {
  const { store, bucket } = ref
  await tx.query(
    `insert into usage_buckets (store, bucket, run, source, counted_at, objects_changed, bytes_changed, summary, advice)
     select store, name, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb from buckets where store = $1 and name = $2
     on conflict (store, bucket) do update set run = excluded.run, source = excluded.source,
       counted_at = excluded.counted_at, objects_changed = excluded.objects_changed,
       bytes_changed = excluded.bytes_changed, summary = excluded.summary, advice = excluded.advice`,
    [
      store,
      bucket,
      run.run,
      run.source,
      run.countedAt,
      run.changed.objects,
      run.changed.bytes,
      asJson(run.summary),
      asJson(run.outlook),
    ],
  )
  await tx.query(`delete from usage_folders where store = $1 and bucket = $2 and run <> $3`, [store, bucket, run.run])
  await tx.query(
    `insert into usage_days (store, bucket, prefix, day, objects, bytes)
     select f.store, f.bucket, f.prefix, ($4::timestamptz at time zone 'UTC')::date, f.objects, f.bytes
     from usage_folders f
     where f.store = $1 and f.bucket = $2 and f.run = $3 and exists (select from buckets where store = $1 and name = $2)
       and (f.prefix = '' or exists (select from homes h where h.store = $1 and h.bucket = $2 and h.prefix = f.prefix))
     on conflict (store, bucket, prefix, day) do update set objects = excluded.objects, bytes = excluded.bytes`,
    [store, bucket, run.run, run.countedAt],
  )
  await tx.query(`delete from usage_days where store = $1 and bucket = $2 and day < $3::date - 400`, [
    store,
    bucket,
    run.countedAt,
  ])
}

/** The cells of a folder at the top of a bucket; '' has what is in none of its own. */
export interface Part {
  readonly prefix: string
  readonly cells: readonly Cell[]
}

/** A count that is kept: what deletions are seen by. */
export interface PartCount {
  /** Days since 1970. */
  readonly day: number
  readonly parts: readonly { readonly prefix: string; readonly cells: Count['cells'] }[]
}

/** Day, bin and objects, one after the other: a year of counts is read at once. */
interface KeptPart {
  readonly prefix: string
  readonly counts: readonly number[]
}

/** The counts of a year, oldest first. */
export async function findCounts(sql: Sql, { store, bucket }: BucketRef): Promise<PartCount[]> {
  const rows = await sql.query<{ day: string; cells: Buffer }>(
    `select day, cells from usage_counts where store = $1 and bucket = $2 order by day`,
    [store, bucket],
  )
  return Promise.all(
    rows.map(async ({ day, cells }) => ({
      day: Date.parse(`${day}T00:00:00Z`) / 86_400_000,
      parts: (JSON.parse((await promisify(gunzip)(cells)).toString()) as KeptPart[]).map(partOf),
    })),
  )
}

const partOf = ({ prefix, counts }: KeptPart): PartCount['parts'][number] => ({
  prefix,
  cells: Array.from({ length: counts.length / 3 }, (_, at) => ({
    state: 'current',
    day: counts[at * 3]!,
    bin: counts[at * 3 + 1]!,
    count: counts[at * 3 + 2]!,
  })),
})

function kept({ prefix, cells }: PartCount['parts'][number]): KeptPart {
  const sums = new Map<number, number>()
  for (const { state, day, bin, count } of cells) {
    if (state === 'current') sums.set(day * 100 + bin, (sums.get(day * 100 + bin) ?? 0) + count)
  }
  return { prefix, counts: [...sums].flatMap(([key, count]) => [Math.floor(key / 100), key % 100, count]) }
}

/** Keeps a count where the latest one is four weeks old, for thirteen months. */
export async function keepCount(tx: Sql, { store, bucket }: BucketRef, { day, parts }: PartCount): Promise<void> {
  await tx.query(
    `insert into usage_counts (store, bucket, day, cells)
     select store, name, $3::date, $4 from buckets where store = $1 and name = $2
       and not exists (select from usage_counts where store = $1 and bucket = $2 and day > $3::date - 28)
     on conflict do nothing`,
    [
      store,
      bucket,
      new Date(day * 86_400_000).toISOString().slice(0, 10),
      await promisify(gzip)(JSON.stringify(parts.map(kept))),
    ],
  )
  await tx.query(`delete from usage_counts where store = $1 and bucket = $2 and day < $3::date - 400`, [
    store,
    bucket,
    new Date(day * 86_400_000).toISOString().slice(0, 10),
  ])
}

/** Places that are counted by themselves, however deep they lie: of permissions and homes. */
export async function findPlaces(sql: Sql, { store, bucket }: BucketRef, limit: number): Promise<Set<string>> {
  const rows = await sql.query<{ prefix: string }>(
    `select prefix from homes where store = $1 and bucket = $2 and prefix <> ''
     union select prefix from permissions where store = $1 and bucket = $2 and prefix <> '' and strpos(prefix, '$') = 0
     limit $3`,
    [store, bucket, limit],
  )
  return new Set(rows.map(({ prefix }) => prefix))
}

export async function nextBucket(sql: Sql, after: BucketRef | undefined): Promise<BucketRef | undefined> {
  const [row] = await sql.query<{ store: StoreId; bucket: string }>(
    `select store, name as bucket from buckets
     where state = 'ready' and ($1::text is null or (store, name) > ($1, $2)) order by store, name limit 1`,
    [after?.store ?? null, after?.bucket ?? null],
  )
  return row
}
