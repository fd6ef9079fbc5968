import type { Sql } from '../db/database.ts'

export interface ObjectPlace {
  readonly store: string
  readonly bucket: string
  readonly key: string
}

export interface Amount {
  readonly bytes: number
  readonly objects: number
}

export interface QuotaRow {
  readonly kind: 'user' | 'group' | 'bucket'
  readonly subject: string
  readonly max_bytes: number | null
  readonly max_objects: number | null
}

/** A quota that binds at a place, and the place of `quota_usage` that it is counted by: of a group one of several. */
export type BoundQuota = QuotaRow & { readonly prefix: string }

/** Deeper folders are no home. */
const MAX_DEPTH = 8

/** `a/b/c` lies in '', `a/` and `a/b/`. */
export function prefixesOf(key: string): string[] {
  const prefixes = ['']
  for (let at = key.indexOf('/'); at !== -1 && prefixes.length < MAX_DEPTH; at = key.indexOf('/', at + 1)) {
    prefixes.push(key.slice(0, at + 1))
  }
  return prefixes
}

/** Every quota that binds what is stored under a key. */
export async function quotasAt(sql: Sql, { store, bucket, key }: ObjectPlace): Promise<BoundQuota[]> {
  return sql.query<BoundQuota>(
    `with home as (
       select user_id, prefix from homes
       where store = $1 and bucket = $2 and prefix = any($3) and state = 'ready' order by length(prefix) desc limit 1
     )
     select q.kind, q.subject, q.max_bytes, q.max_objects, '' as prefix
     from quotas q where q.kind = 'bucket' and q.subject = $1 || '/' || $2
     union all
     select q.kind, q.subject, q.max_bytes, q.max_objects, h.prefix
     from home h join quotas q on q.kind = 'user' and q.subject = coalesce(
       (select own.subject from quotas own where own.kind = 'user' and own.subject = h.user_id), 'everyone')
     union all
     select q.kind, q.subject, q.max_bytes, q.max_objects, h.prefix
     from home h join group_members m on m.user_id = h.user_id
     join quotas q on q.kind = 'group' and q.subject = m.group_id
     order by 1, 2`,
    [store, bucket, prefixesOf(key)],
    'quotas-at-place',
  )
}

/** Makes the rows of places and holds them until the transaction ends, in one order. */
export async function lockUsage(tx: Sql, store: string, bucket: string, prefixes: readonly string[]): Promise<void> {
  await tx.query(
    `insert into quota_usage (store, bucket, prefix) select $1, $2, unnest($3::text[]) on conflict do nothing`,
    [store, bucket, [...prefixes].sort()],
    'quota-usage-insert',
  )
  await holdUsage(tx, store, bucket, prefixes)
}

export async function holdUsage(tx: Sql, store: string, bucket: string, prefixes: readonly string[]): Promise<void> {
  await tx.query(
    `select 1 from quota_usage where store = $1 and bucket = $2 and prefix = any($3) order by prefix for update`,
    [store, bucket, prefixes],
    'quota-usage-lock',
  )
}

/** What counts towards a quota: stored and reserved. */
export async function takenOf(
  sql: Sql,
  { kind, subject, prefix }: BoundQuota,
  { store, bucket }: { readonly store: string; readonly bucket: string },
): Promise<Amount> {
  const sums = `coalesce(sum(u.bytes + u.reserved_bytes), 0)::bigint as bytes,
    coalesce(sum(u.objects + u.reserved_objects), 0)::bigint as objects`
  const [row] =
    kind === 'group'
      ? await sql.query<Amount>(
          `select ${sums} from group_members m join homes h on h.user_id = m.user_id
           join quota_usage u on u.store = h.store and u.bucket = h.bucket and u.prefix = h.prefix
           where m.group_id = $1`,
          [subject],
          'quota-taken-group',
        )
      : await sql.query<Amount>(
          `select ${sums} from quota_usage u where u.store = $1 and u.bucket = $2 and u.prefix = $3`,
          [store, bucket, prefix],
          'quota-taken',
        )
  return row!
}

export interface Reservation extends Amount {
  readonly before_bytes: number
  readonly before_objects: number
  readonly prefixes: string[]
  readonly vends: number
  readonly is_over: boolean
}

/** The most by which a reservation may add. */
export function growthOf({
  bytes,
  objects,
  before_bytes,
  before_objects,
}: Omit<Reservation, 'prefixes' | 'vends' | 'is_over'>): Amount {
  return { bytes: Math.max(0, bytes - before_bytes), objects: Math.max(0, objects - before_objects) }
}

export async function findReservation(
  sql: Sql,
  { store, bucket, key }: ObjectPlace,
  lock = false,
): Promise<Reservation | undefined> {
  const [row] = await sql.query<Reservation>(
    `select bytes, objects, before_bytes, before_objects, prefixes, vends, expires_at <= now() as is_over
     from quota_reservations where store = $1 and bucket = $2 and key = $3 ${lock ? 'for update' : ''}`,
    [store, bucket, key],
  )
  return row
}

/** Adds to what is stored or reserved at some places that are counted. */
export async function addTo(
  tx: Sql,
  what: 'stored' | 'reserved',
  {
    store,
    bucket,
    prefixes,
  }: { readonly store: string; readonly bucket: string; readonly prefixes: readonly string[] },
  { bytes, objects }: Amount,
): Promise<void> {
  const [ofBytes, ofObjects] = what === 'stored' ? ['bytes', 'objects'] : ['reserved_bytes', 'reserved_objects']
  await tx.query(
    `update quota_usage set ${ofBytes} = greatest(0, ${ofBytes} + $4), ${ofObjects} = greatest(0, ${ofObjects} + $5),
       changes = changes + 1
     where store = $1 and bucket = $2 and prefix = any($3)`,
    [store, bucket, prefixes, bytes, objects],
  )
}
