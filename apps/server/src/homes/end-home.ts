import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import { recordDeletedPermissions } from '../access/record-deleted-permissions.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import type { LongRun, ObjectStore } from '../stores/object-store.ts'
import { findHome, forgetDeletedHome, type HomeRecord, markHomeDeleting, releaseHome } from './home-records.ts'

/** What becomes of what a home holds when the home ends. */
export type HomeChoice =
  | { readonly contents: 'delete' }
  /** It stays in its bucket, for administrators. */
  | { readonly contents: 'keep' }
  /** Another user gets every action on it. */
  | { readonly contents: 'hand-over'; readonly to: UserId }

export interface EndHomeOptions {
  readonly storeOf: (id: StoreId) => ObjectStore
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** In it are everybody's `private/` and `protected/` places, whatever the layout of homes. */
  readonly library: { readonly store: StoreId; readonly bucket: string } | undefined
  /** Runs while no other process makes or ends the home of the same user, on the connection that holds the lock. */
  readonly locked: <T>(userId: UserId, work: (sql: Sql) => Promise<T>) => Promise<T>
  /** Who asked for it, for the log. */
  readonly by: UserId | null
  readonly origin: RequestOrigin
  /** Resolves once every process has heard of a change of access; absent: nobody waits. */
  readonly settled?: (() => Promise<void>) | undefined
}

interface Place {
  readonly store: StoreId
  readonly bucket: string
  readonly prefix: string
}

/**
 * Ends a user's home. May be called again after a crash at any moment, and then goes on; a user without a home is fine.
 * The owner's access ends first.
 *
 * @param run for the deletion of what may be millions of objects
 * @throws AppError `store-unavailable`, `store-refused`, `database-unavailable`, `audit-unavailable`
 */
export async function endHome(
  userId: UserId,
  choice: HomeChoice,
  run: LongRun | undefined,
  options: EndHomeOptions,
): Promise<void> {
  switch (choice.contents) {
    case 'delete':
      return deleteHome(userId, run, options)
    case 'keep':
      return release(userId, undefined, options)
    case 'hand-over':
      return release(userId, choice.to, options)
  }
}

async function deleteHome(userId: UserId, run: LongRun | undefined, options: EndHomeOptions): Promise<void> {
  const { storeOf, logger, locked, audit, by, origin } = options
  const home = await locked(userId, async (sql) => {
    const record = await findHome(sql, userId)
    if (record !== undefined && record.state !== 'deleting') {
      if (record.layout === 'bucket-per-user') await recordDeletedPermissions(sql, record, { audit, by, origin })
      await markHomeDeleting(sql, record)
    }
    return record
  })
  // Nothing is given out any more when the deletion begins: it would be deleted, or be left behind.
  await options.settled?.()
  // Without the lock: it may take hours, and the state keeps others away.
  if (home?.layout === 'bucket-per-user') await storeOf(home.store).deleteBucketCompletely(home.bucket, run)
  for (const place of sharedPlaces(userId, home, options)) {
    await storeOf(place.store).deletePrefixCompletely(place.bucket, place.prefix, run)
  }
  if (home === undefined) return
  await locked(userId, (sql) => forgetDeletedHome(sql, home))
  logger.info({ userId, bucket: home.bucket, prefix: home.prefix }, 'deleted a home')
}

/** Takes a home from its owner, and gives it to somebody else where there is one. */
async function release(userId: UserId, to: UserId | undefined, options: EndHomeOptions): Promise<void> {
  const { logger, locked, audit, by, origin } = options
  await locked(userId, async (sql) => {
    const home = await findHome(sql, userId)
    // Before the home is nobody's: afterwards nothing would know what the receiver was to get.
    if (to !== undefined) {
      const own = home?.layout === 'bucket-per-user' && home.state === 'ready' ? [home] : []
      for (const place of [...own, ...sharedPlaces(userId, home, options)]) await give(place, to, sql, userId, options)
    }
    if (home === undefined) return
    const { store, bucket, prefix } = home
    await recordDeletedPermissions(sql, { store, bucket, prefix, userId }, { audit, by, origin })
    await releaseHome(sql, home)
    logger.info({ userId, bucket, prefix, to }, 'detached a home from its owner')
  })
  await options.settled?.()
}

/** The user's places in buckets that others use too. */
function sharedPlaces(userId: UserId, home: HomeRecord | undefined, { library }: EndHomeOptions): Place[] {
  const places = [
    ...(home?.layout === 'shared-bucket' ? [{ store: home.store, bucket: home.bucket, prefix: home.prefix }] : []),
    ...(library === undefined
      ? []
      : ['private', 'protected'].map((level) => ({ ...library, prefix: `${level}/${userId}/` }))),
  ]
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

async function give(place: Place, to: UserId, sql: Sql, from: UserId, options: EndHomeOptions): Promise<void> {
  const { audit, by, origin, now } = options
  const { store, bucket, prefix } = place
  const held = await sql.query(
    `select 1 from permissions where principal_kind = 'user' and principal = $1 and store = $2 and bucket = $3
       and prefix = $4 and can_read and can_write and can_delete and can_list and expires_at is null`,
    [to, store, bucket, prefix],
  )
  // An earlier try has come so far.
  if (held.length > 0) return
  const permissionId = createId('prm', now(), randomBytes(10))
  const actions = ['read', 'write', 'delete', 'list']
  const principal = { kind: 'user', userId: to } as const
  await audit.record({
    action: 'permission.create',
    outcome: 'allow',
    userId: by,
    targetUserId: to,
    store,
    bucket,
    key: prefix,
    reason: null,
    detail: { permissionId, principal, store, bucket, prefix, actions, expiresAt: null },
    origin,
  })
  await sql.query(
    `insert into permissions
       (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list, description)
     values ($1, 'user', $2, $3, $4, $5, true, true, true, true, $6)
     on conflict do nothing`,
    [permissionId, to, store, bucket, prefix, `Handed over from ${from}`],
  )
}
