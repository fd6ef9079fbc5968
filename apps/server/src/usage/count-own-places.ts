import type { OwnCounts } from '@skycrate/contract/storage/inventory-schemas'
import type { StoreId } from '@skycrate/core/naming/store'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { type AttemptLimit, createAttemptLimit } from '../limits/attempt-limit.ts'
import { refuseThrottled } from '../limits/refuse-throttled.ts'
import { startCount } from './start-count.ts'
import { type Asker, ownPlaces } from './usage-scope.ts'

/** Between two counts of a bucket that people ask for, whoever they are. */
const PAUSE_MS = 15 * 60_000
/** Begun by one request. */
const MOST_BUCKETS = 20
/** Objects, versions and uploads of a bucket: a hundred requests list as many. */
const MOST_ITEMS = 100_000

/** Also holds for counts that fail and so leave no time. */
export const countLimit = (sql: Sql): AttemptLimit =>
  createAttemptLimit(sql, 'own-counts', { burst: 4, refillMs: PAUSE_MS / 4 })

type State = OwnCounts['buckets'][number]['state']

interface Counted {
  readonly store: StoreId
  readonly bucket: string
  readonly countedAt: Date | null
  /** Null where it was never counted. */
  readonly items: number | null
  readonly hasFiles: boolean
}

/**
 * Has the buckets counted that the caller's locations are in, unless that was done lately or would take long.
 * @throws AppError `too-many-requests`
 */
export async function countOwnPlaces(
  use: {
    readonly database: Database
    readonly audit: AuditLog
    readonly permissions: PermissionCache
    readonly jobs: Jobs
    readonly lately: AttemptLimit
    readonly now: () => number
  },
  who: Asker,
  origin: RequestOrigin,
): Promise<OwnCounts> {
  const { database, audit, lately, now } = use
  const wait = await lately.take(who.userId, now())
  if (wait > 0) await refuseThrottled(audit, who.userId, 'own-counts', wait, origin)
  const buckets: OwnCounts['buckets'] = []
  let [begun, nextAt] = [0, Number.POSITIVE_INFINITY]
  for (const each of await countsOf(database, await ownPlaces(use, who))) {
    const { store, bucket, countedAt, items, hasFiles } = each
    const again = countedAt === null ? 0 : countedAt.getTime() + PAUSE_MS
    let state: State = 'counting'
    if (hasFiles || (items ?? 0) > MOST_ITEMS) state = 'daily'
    else if (again > now()) state = 'recent'
    else if (begun === MOST_BUCKETS) state = 'later'
    if (state === 'counting') {
      begun += 1
      await startCount(use, who.userId, { store, bucket, from: 'listing' }, origin)
    }
    if (state === 'recent') nextAt = Math.min(nextAt, again)
    buckets.push({ store, bucket, state, countedAt: countedAt?.toISOString() ?? null })
  }
  return { buckets, nextAt: Number.isFinite(nextAt) ? new Date(nextAt).toISOString() : null }
}

/** Those that were not counted for the longest come first. */
const countsOf = (
  sql: Sql,
  places: readonly { readonly store: string; readonly bucket: string }[],
): Promise<Counted[]> =>
  sql.query<Counted>(
    `select b.store, b.name as bucket, u.counted_at as "countedAt", s.store is not null as "hasFiles",
       f.objects + f.old_versions + f.uploads + f.delete_markers as items
     from buckets b
       left join usage_buckets u on u.store = b.store and u.bucket = b.name
       left join usage_folders f on f.store = b.store and f.bucket = b.name and f.run = u.run and f.prefix = ''
       left join usage_sources s on s.store = b.store and s.bucket = b.name
     where b.state = 'ready' and (b.store, b.name) in (select * from unnest($1::text[], $2::text[]))
     order by u.counted_at nulls first, b.store, b.name limit 1000`,
    [places.map(({ store }) => store), places.map(({ bucket }) => bucket)],
  )
