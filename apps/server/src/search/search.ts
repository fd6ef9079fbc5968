import type { SearchResults } from '@skycrate/contract/search/schemas'
import { decide } from '@skycrate/core/access/decide'
import { locationsOf } from '@skycrate/core/access/locations'
import { ACTION_BIT } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { StoreId } from '@skycrate/core/naming/store'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { folded, nameOfKey, patternsOf } from './folded.ts'
import { LIST_NAMES } from './list-names-job.ts'

export interface SearchRequest {
  readonly q: string
  readonly bucket: string | undefined
  readonly prefix: string | undefined
  readonly limit: number
  readonly cursor: string | undefined
}

export interface Search {
  /**
   * Names below the caller's locations, those that begin with the query first where all were looked at.
   * @throws AppError `invalid-request`, `invalid-cursor`, `audit-unavailable`, `database-unavailable`
   */
  find(caller: Caller, request: SearchRequest, origin: RequestOrigin): Promise<SearchResults>
}

/** Hits that are all looked at and put in the best order; of more, the first by key are given. */
const SORTED = 1_000

/** Milliseconds after which somebody's search has a bucket listed again. */
const REFRESH_MS = 15 * 60_000

/** Buckets that one search has listed at most; the next one goes on. */
const LISTED_AT_ONCE = 20

interface Place {
  readonly store: StoreId
  readonly bucket: string
  readonly prefix: string
}

interface KnownBucket {
  readonly id: number
  readonly store: StoreId
  readonly bucket: string
  readonly listed_at: Date | null
}

interface Hit {
  readonly bucket_id: number
  readonly key: string
  readonly size: string | number | null
  readonly modified_at: Date | null
}

type Cursor = { readonly skip: number } | { readonly after: readonly [bucketId: number, key: string] }

export function createSearch(use: {
  readonly permissions: PermissionCache
  readonly audit: AuditLog
  readonly database: Database
  readonly jobs: Jobs
  readonly now: () => number
}): Search {
  const { permissions, audit, database, jobs, now } = use

  /** Asks for what was never listed or long ago. */
  async function refresh(places: readonly Place[], known: ReadonlyMap<string, KnownBucket>): Promise<void> {
    const due = [...new Map(places.map((place) => [nameOf(place), place])).values()].filter((place) => {
      const listedAt = known.get(nameOf(place))?.listed_at
      return !listedAt || listedAt.getTime() < now() - REFRESH_MS
    })
    for (const { store, bucket } of due.slice(0, LISTED_AT_ONCE)) {
      await jobs.enqueue(LIST_NAMES, { store, bucket }, { createdBy: null, key: `${store}/${bucket}` })
    }
  }

  return {
    async find(caller, { q, bucket, prefix = '', limit, cursor }, origin) {
      const patterns = patternsOf(q)
      if (patterns.length === 0) {
        throw new AppError('invalid-request', undefined, { errors: [{ path: '/q', message: 'has no word' }] })
      }
      const set = await permissions.permissionsOf(caller)
      const places = placesOf(set, now(), bucket, prefix)
      const known = await knownBuckets(database, places)
      await refresh(places, known)

      const query = { patterns, where: whereOf(places, known), limit }
      const page =
        query.where.length === 0
          ? { hits: [], next: null }
          : await pageOf(database, query, folded(q.trim()), readCursor(cursor))
      const byId = new Map([...known.values()].map((each) => [each.id, each]))
      const results = page.hits.flatMap(({ bucket_id, key, size, modified_at }) => {
        const place = byId.get(bucket_id)
        if (!place) return []
        const operation = { action: 'list', store: place.store, bucket: place.bucket, key } as const
        // The query keeps to the caller's places; what is told is decided here, as everywhere.
        if (decide(set, operation, now()).outcome === 'deny') return []
        const isFolder = key.endsWith('/')
        return {
          store: place.store,
          bucket: place.bucket,
          key,
          kind: isFolder ? ('folder' as const) : ('file' as const),
          name: nameOfKey(key),
          size: size === null ? null : Number(size),
          lastModified: modified_at?.toISOString() ?? null,
        }
      })
      const freshness = freshnessOf(places, known)
      await audit.record({
        action: 'object.search',
        outcome: 'allow',
        userId: 'guest' in caller ? null : caller.userId,
        bucket: bucket ?? null,
        key: bucket === undefined ? null : prefix,
        reason: null,
        detail: { query: q, results: results.length },
        origin,
      })
      return { results, nextCursor: page.next && writeCursor(page.next), freshness }
    },
  }
}

const nameOf = ({ store, bucket }: Pick<Place, 'store' | 'bucket'>): string => `${store}/${bucket}`

/** Where the caller may list, within what was asked for. */
function placesOf(set: PermissionSet, now: number, bucket: string | undefined, prefix: string): Place[] {
  return locationsOf(set, now).flatMap((location) => {
    if ((location.actions & ACTION_BIT.list) === 0) return []
    if (bucket !== undefined && location.bucket !== bucket) return []
    const common = location.prefix.startsWith(prefix)
      ? location.prefix
      : prefix.startsWith(location.prefix)
        ? prefix
        : undefined
    return common === undefined ? [] : { store: location.store, bucket: location.bucket, prefix: common }
  })
}

async function knownBuckets(database: Database, places: readonly Place[]): Promise<Map<string, KnownBucket>> {
  if (places.length === 0) return new Map()
  const rows = await database.query<KnownBucket>(
    `select id, store, bucket, listed_at from search_buckets
     where (store, bucket) in (select * from unnest($1::text[], $2::text[]))`,
    [places.map(({ store }) => store), places.map(({ bucket }) => bucket)],
  )
  return new Map(rows.map((row) => [nameOf(row), row]))
}

/** Stretches of keys, each of one bucket. */
interface Stretch {
  readonly id: number
  readonly from: string
  /** The first key after it; null at the end of the bucket. */
  readonly to: string | null
}

function whereOf(places: readonly Place[], known: ReadonlyMap<string, KnownBucket>): Stretch[] {
  return places.flatMap((place) => {
    const id = known.get(nameOf(place))?.id
    if (id === undefined) return []
    // '0' comes after '/'.
    return { id, from: place.prefix, to: place.prefix === '' ? null : afterPrefix(place.prefix) }
  })
}

/** The first text that begins otherwise. */
function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCodePoint((prefix.codePointAt(prefix.length - 1) ?? 0) + 1)}`
}

interface Query {
  /** For each word, of which one has to match. */
  readonly patterns: readonly (readonly string[])[]
  readonly where: readonly Stretch[]
  readonly limit: number
}

async function pageOf(
  database: Database,
  query: Query,
  text: string,
  cursor: Cursor | undefined,
): Promise<{ readonly hits: readonly Hit[]; readonly next: Cursor | null }> {
  const { limit } = query
  if (cursor === undefined || 'skip' in cursor) {
    const all = await hitsOf(database, query, undefined, SORTED + 1)
    if (all.length <= SORTED) {
      const skip = cursor?.skip ?? 0
      const sorted = all.toSorted((a, b) => rankOf(a, text) - rankOf(b, text) || (a.key < b.key ? -1 : 1))
      return {
        hits: sorted.slice(skip, skip + limit),
        next: skip + limit < sorted.length ? { skip: skip + limit } : null,
      }
    }
  }
  const after = cursor && 'after' in cursor ? cursor.after : ([0, ''] as const)
  const hits = await hitsOf(database, query, after, limit + 1)
  const last = hits[limit - 1]
  return {
    hits: hits.slice(0, limit),
    next: hits.length > limit && last ? { after: [last.bucket_id, last.key] } : null,
  }
}

/** The whole name, its beginning, anywhere in it. */
function rankOf({ key }: Hit, text: string): number {
  const name = folded(nameOfKey(key))
  return name === text ? 0 : name.startsWith(text) ? 1 : 2
}

/** @param after undefined: in any order, all at once */
async function hitsOf(
  database: Database,
  { patterns, where }: Query,
  after: readonly [bucketId: number, key: string] | undefined,
  limit: number,
): Promise<Hit[]> {
  const values: unknown[] = []
  const value = (given: unknown): string => `$${values.push(given)}`
  const matches = patterns
    .map((word) => `(${word.map((pattern) => `folded like ${value(pattern)}`).join(' or ')})`)
    .join(' and ')
  const within =
    where.length <= 8
      ? where
          .map(({ id, from, to }) => {
            const range = from === '' ? '' : ` and key > ${value(from)} and key < ${value(to)}`
            return `(bucket_id = ${value(id)}::integer${range})`
          })
          .join(' or ')
      : `exists (select from unnest(${value(where.map(({ id }) => id))}::integer[], ${value(where.map(({ from }) => from))}::text[],
           ${value(where.map(({ to }) => to))}::text[]) as place (id, lower, upper)
         where bucket_id = place.id and key > place.lower and (place.upper is null or key < place.upper))`
  const order = after
    ? `and (bucket_id, key) > (${value(after[0])}::integer, ${value(after[1])}) order by bucket_id, key`
    : ''
  return database.query<Hit>(
    `select bucket_id, key, size, modified_at from search_names
     where ${matches} and (${within}) ${order} limit ${value(limit)}`,
    values,
  )
}

function freshnessOf(places: readonly Place[], known: ReadonlyMap<string, KnownBucket>): SearchResults['freshness'] {
  const names = [...new Set(places.map(nameOf))]
  const times = names.flatMap((name) => known.get(name)?.listed_at ?? [])
  const oldest = times.reduce<Date | undefined>((least, time) => (least && least < time ? least : time), undefined)
  return { buckets: names.length, listed: times.length, listedAt: oldest?.toISOString() ?? null }
}

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined
  try {
    const cursor = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
    const { skip, after } = cursor
    if (Number.isSafeInteger(skip) && (skip as number) >= 0) return { skip: skip as number }
    if (
      Array.isArray(after) &&
      Number.isInteger(after[0]) &&
      typeof after[1] === 'string' &&
      !after[1].includes('\0')
    ) {
      return { after: [after[0] as number, after[1]] }
    }
  } catch {
    // Not one of ours, like the rest.
  }
  throw new AppError('invalid-cursor')
}
