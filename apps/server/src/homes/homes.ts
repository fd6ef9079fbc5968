import { randomBytes } from 'node:crypto'
import type { Home } from '@skycrate/contract/home/schemas'
import { createId, type UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import { type AuditLog, byProcess, type RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { LongRun } from '../stores/object-store.ts'
import type { Store } from '../stores/store.ts'
import { isActiveUser } from '../users/is-active-user.ts'
import { settingsFor } from '../buckets/bucket-aims.ts'
import { findBucket, findLeftovers, findSteps, inDefaultStore } from '../buckets/bucket-records.ts'
import { reconcileSettings } from '../buckets/reconcile-settings.ts'
import { withLock } from '../buckets/with-lock.ts'
import { ensureLibrary } from '../library/library.ts'
import { findHome, findUnfinished, type HomeRecord, insertSharedHome, markBucketHomeReady } from './home-records.ts'
import { endHome, type EndHomeOptions, type HomeChoice } from './end-home.ts'
import { toHome } from './home-view.ts'
import type { HomesConfig } from './homes-config.ts'
import { makeOwnBucket } from './own-bucket.ts'
import { readyHomes } from './ready-homes.ts'
import { removeLeftovers } from './remove-leftovers.ts'

export interface HomesOptions {
  /** Resolves once every process has heard of a change of access; absent: nobody waits. */
  readonly settled?: () => Promise<void>
  readonly database: Database
  readonly store: Store
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly config: HomesConfig
}

export interface SignedIn {
  readonly userId: UserId
  /** Whether a person stands behind it; a machine's identity has no storage of its own. */
  readonly personal: boolean
}

export interface Homes {
  /**
   * The user's home, made on the first call.
   * @throws AppError `no-personal-storage`, `provisioning-failed`, `store-unavailable`, `store-refused`,
   * `database-unavailable`, `audit-unavailable`
   */
  home(signedIn: SignedIn, origin: RequestOrigin): Promise<Home>
  /**
   * Finishes what a crash or an outage left, at the start. Logs what it cannot finish.
   * @throws AppError `store-unavailable`, `database-unavailable`: there is no use in going on now
   */
  resumeUnfinished(): Promise<void>
  /**
   * Finishes a home that was begun, and tries its failed steps again without waiting for their time.
   * @throws AppError as `home`
   */
  retry(userId: UserId, origin: RequestOrigin): Promise<void>
  /** The library bucket and its access levels, where one is configured. */
  ensureLibrary(): Promise<void>
  /**
   * Ends a user's home, for a job that does so again after a crash. A user without one is fine.
   * @throws AppError `store-unavailable`, `store-refused`, `database-unavailable`, `audit-unavailable`
   */
  endHome(
    userId: UserId,
    choice: HomeChoice,
    options: { readonly by: UserId | null; readonly origin: RequestOrigin; readonly run?: LongRun },
  ): Promise<void>
}

const DEFAULT_LOCK_WAIT_MS = 20_000
/** After a store could not protect a bucket, for how long others are not made and removed in vain. */
const REFUSAL_HOLDS_MS = 30_000
const UNAVAILABLE: ReadonlySet<string> = new Set(['store-unavailable', 'database-unavailable', 'audit-unavailable'])
const AT_START = byProcess('start')

export function createHomes(options: HomesOptions): Homes {
  const { database, store, audit, logger, now, config } = options
  const ready = readyHomes(now)
  const underWay = new Map<UserId, Promise<Home>>()
  let library: Promise<void> | undefined
  let refused: { readonly step: string; readonly until: number } | undefined

  const locked = <T>(userId: UserId, work: (sql: Sql) => Promise<T>): Promise<T> =>
    withLock(database, `skycrate.home:${userId}`, config.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS, work)

  /** Shared by all who wait for it; a failure is forgotten, so that the next call tries again. */
  function libraryReady(): Promise<void> {
    const { libraryBucket } = config
    if (libraryBucket === undefined) return Promise.resolve()
    library ??= ensureLibrary(libraryBucket, options).catch((error: unknown) => {
      library = undefined
      throw error
    })
    return library
  }

  async function makeHome(userId: UserId, origin: RequestOrigin): Promise<HomeRecord> {
    let bucket: string | null = null
    try {
      if (refused !== undefined && now() < refused.until) throw unprotected(refused.step, 'found a moment ago')
      // Before the lock: it needs one of the few sessions as well, and waiting for one while holding one is a deadlock.
      if (config.layout === 'shared-bucket') await libraryReady()
      return await locked(userId, async (sql) => {
        const record = await findHome(sql, userId)
        if (record?.state === 'ready') return record
        if (record?.state === 'deleting') throw beingDeleted()
        // Whoever deletes the user takes this lock too, after the state: no home comes after its end.
        if (!(await isActiveUser(sql, userId))) throw new AppError('account-suspended', 'Ask an administrator.')
        bucket = record?.bucket ?? null
        // A home that was begun is finished in its layout, whatever the configuration says by now.
        const layout = record?.state === 'provisioning' ? record.layout : config.layout
        const made = layout === 'shared-bucket' ? sharedHome(userId) : await ownHome(userId, sql)
        bucket = made.bucket
        // Before the home is ready: afterwards nothing would know that the event is missing.
        await audit.record({
          ...event(userId, made.bucket, origin),
          outcome: 'allow',
          key: made.prefix || null,
          detail: { layout: made.layout },
        })
        if (made.layout === 'shared-bucket') await insertSharedHome(sql, made)
        else await markBucketHomeReady(sql, userId, made, createId('prm', now(), randomBytes(10)))
        logger.info({ userId, bucket: made.bucket, prefix: made.prefix }, 'created a home')
        return made
      })
    } catch (error) {
      await recordFailure(error, event(userId, bucket, origin))
      throw error
    }
  }

  function sharedHome(userId: UserId): HomeRecord {
    const { libraryBucket, region } = config
    if (libraryBucket === undefined) throw new Error('homes in the shared-bucket layout need a library bucket')
    return {
      userId,
      layout: 'shared-bucket',
      store: DEFAULT_STORE,
      bucket: libraryBucket,
      prefix: `private/${userId}/`,
      region,
      state: 'ready',
    }
  }

  async function ownHome(userId: UserId, sql: Sql): Promise<HomeRecord> {
    const made = await makeOwnBucket(userId, { sql, store, logger, now, config })
    if (made.outcome === 'unprotected') {
      refused = { step: made.step, until: now() + REFUSAL_HOLDS_MS }
      throw unprotected(made.step, made.reason)
    }
    return {
      userId,
      layout: 'bucket-per-user',
      store: DEFAULT_STORE,
      bucket: made.bucket,
      prefix: '',
      region: config.region,
      state: 'ready',
    }
  }

  /** Nothing is released after a failure, so a log that fails as well only costs the event. */
  async function recordFailure(error: unknown, failed: ReturnType<typeof event>): Promise<void> {
    const code = error instanceof AppError ? error.code : 'internal'
    if (code === 'audit-unavailable') return
    try {
      await audit.record({ ...failed, outcome: 'error', key: null, reason: code })
    } catch (auditError) {
      logger.error({ err: auditError, userId: failed.userId }, 'a failed home could not be recorded')
    }
  }

  const ending = (by: UserId | null, origin: RequestOrigin): EndHomeOptions => {
    const { libraryBucket } = config
    const library = libraryBucket === undefined ? undefined : inDefaultStore(libraryBucket)
    return { storeOf: () => store, audit, logger, now, library, locked, by, origin, settled: options.settled }
  }

  async function findOrMake(userId: UserId, origin: RequestOrigin, retry = false): Promise<Home> {
    const found = await findHome(database, userId)
    const record = found?.state === 'ready' ? found : await makeHome(userId, origin)
    // Its owner uses it at once, maybe at another process: that must know the new permission by then.
    if (found?.state !== 'ready') await options.settled?.()
    let steps = await findSteps(database, record)
    const bucket = record.layout === 'bucket-per-user' ? await findBucket(database, record) : undefined
    if (found?.state === 'ready' && bucket !== undefined) {
      steps = await reconcileSettings(record, steps, {
        settings: settingsFor(bucket, config),
        now: retry ? Infinity : now(),
        store,
        logger,
        locked: (work) => locked(userId, work),
      })
    }
    const home = toHome(record, steps)
    ready.set(userId, home)
    return home
  }

  async function home(signedIn: SignedIn, origin: RequestOrigin): Promise<Home> {
    const { userId } = signedIn
    if (!signedIn.personal) {
      const reason = 'no-personal-storage'
      await audit.record({ ...event(userId, null, origin), outcome: 'deny', key: null, reason })
      throw new AppError(reason, 'This token was given to a program, not to a person. Use a bucket it has access to.')
    }
    const known = ready.get(userId)
    if (known !== undefined) return known
    let making = underWay.get(userId)
    if (making === undefined) {
      making = findOrMake(userId, origin).finally(() => underWay.delete(userId))
      underWay.set(userId, making)
    }
    return making
  }

  return {
    home,
    ensureLibrary: libraryReady,

    async resumeUnfinished() {
      for (const userId of await findUnfinished(database)) {
        try {
          await home({ userId, personal: true }, AT_START)
        } catch (error) {
          logger.warn({ err: error, userId }, 'could not complete a home; will retry')
          if (error instanceof AppError && UNAVAILABLE.has(error.code)) throw error
        }
      }
      for (const userId of new Set((await findLeftovers(database)).map((leftover) => leftover.userId))) {
        if (userId !== null) await locked(userId, (sql) => removeLeftovers(userId, { sql, store, logger }))
      }
    },

    async retry(userId, origin) {
      await underWay.get(userId)?.catch(() => {})
      refused = undefined
      await findOrMake(userId, origin, true)
    },

    async endHome(userId, choice, { by, origin, run }) {
      await underWay.get(userId)?.catch(() => {})
      ready.delete(userId)
      await endHome(userId, choice, run, ending(by, origin))
      ready.delete(userId)
    },
  }
}

const beingDeleted = (): AppError =>
  new AppError('provisioning-failed', 'Your home is being deleted. Try again later.', { retryAfter: 60 })

const unprotected = (step: string, reason: string): AppError =>
  new AppError(
    'provisioning-failed',
    `The S3 store cannot protect a bucket as this installation demands (${step}). Only its operator can change that.`,
    { cause: new Error(`${step}: ${reason}`), retryAfter: REFUSAL_HOLDS_MS / 1000 },
  )

const event = (userId: UserId, bucket: string | null, origin: RequestOrigin) =>
  ({ action: 'home.create', userId, bucket, reason: null, origin }) as const
