import type { Job as JobView, JobAbout } from '@skycrate/contract/jobs/schemas'
import type {
  Deletion,
  DeletionRequest,
  FolderRequest,
  RestoreDeletedRequest,
  TransferRequest,
} from '@skycrate/contract/operations/schemas'
import type { ClassRequest } from '@skycrate/contract/storage/class-schemas'
import type { Operation } from '@skycrate/core/access/operation'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate } from '../access/gate.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Meter } from '../quotas/meter.ts'
import { classMistake } from '../stores/storage-classes.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import { CHANGE_CLASS, classJob, type ClassInput, type Restored } from './class-job.ts'
import { deleteBatch, deletionTime } from './delete-batch.ts'
import { deleteJob } from './delete-job.ts'
import {
  COPY_OBJECTS,
  DELETE_OBJECTS,
  type DeletionInput,
  MOVE_OBJECTS,
  type Person,
  personOf,
  RESTORE_OBJECTS,
  type RestoreInput,
  pathOf,
  type Source,
  type TransferInput,
} from './object-jobs.ts'
import { restoreJob } from './restore-job.ts'
import { countObjects, nextObjects, type Place } from './source-walk.ts'
import { requireFolder, sourcesOf, transferItems } from './transfer-items.ts'
import { transferJob } from './transfer-job.ts'
import { taken } from './transfer-target.ts'

/** Objects that a request deletes itself. */
const DELETED_AT_ONCE = 1000
/** Objects that are counted for a person who is asked whether to delete them. */
const COUNTED = 10_000
/** Jobs on objects that one user may have unfinished at once. */
const MAX_UNFINISHED = 100

/**
 * What is done to many objects. What takes long is a job; whether its caller may do it is decided before it is made and
 * again at each step. All throw AppError `invalid-request`, `invalid-key`, `forbidden`, `bucket-missing`,
 * `too-many-requests`, `audit-unavailable`, `database-unavailable`, and the store's.
 */
export interface Operations {
  /** @throws AppError `conflict` where the folder is there */
  createFolder(
    caller: Person,
    request: FolderRequest,
    origin: RequestOrigin,
  ): Promise<{ readonly bucket: string; readonly key: string }>
  /** @throws AppError `precondition-failed` where the key of a single object is taken */
  transfer(kind: 'copy' | 'move', caller: Person, request: TransferRequest, origin: RequestOrigin): Promise<JobView>
  delete(caller: Person, request: DeletionRequest, origin: RequestOrigin): Promise<Deletion>
  restoreDeleted(caller: Person, request: RestoreDeletedRequest, origin: RequestOrigin): Promise<JobView>
  changeClass(caller: Person, request: ClassRequest, origin: RequestOrigin): Promise<JobView>
}

export function createOperations(use: {
  readonly gate: Gate
  readonly meter: Meter
  readonly audit: AuditLog
  readonly database: Database
  readonly jobs: Jobs
  readonly storeOf: (id: StoreId) => Store
  readonly stars: StarPlaces
  readonly now: () => number
  /** Of the store; STANDARD alone when absent. */
  readonly storageClasses?: readonly string[]
  /** Tells a person that archived objects were restored. */
  readonly tellRestored?: (tx: Sql, restored: Restored) => Promise<void>
  /** Milliseconds between two looks at an archive. */
  readonly archiveLookMs?: number
}): Operations {
  const { gate, meter, audit, database, jobs, storeOf, stars, now, storageClasses = ['STANDARD'] } = use
  const store = DEFAULT_STORE

  // Two of a process's jobs at most, so that copies that take hours hold up nothing else.
  const lane = { lane: 'objects', atOnce: 2 }
  jobs.register(COPY_OBJECTS, transferJob('copy', { gate, meter, storeOf, stars, now }), lane)
  jobs.register(MOVE_OBJECTS, transferJob('move', { gate, meter, storeOf, stars, now }), lane)
  jobs.register(DELETE_OBJECTS, deleteJob({ gate, meter, storeOf, stars, now }), lane)
  jobs.register(RESTORE_OBJECTS, restoreJob({ gate, meter, storeOf, stars }), lane)
  jobs.register(
    CHANGE_CLASS,
    classJob({ gate, storeOf, database, now, tellRestored: use.tellRestored, lookAgainMs: use.archiveLookMs }),
    lane,
  )

  const on = (action: Operation['action'], bucket: string, key: string): Operation => ({ action, store, bucket, key })

  /** The job and its event are durable together or not at all, and nobody has more than so many. */
  async function start(
    kind: string,
    caller: Person,
    origin: RequestOrigin,
    input: object,
    about: JobAbout,
  ): Promise<JobView> {
    const { userId } = caller
    const id = await database.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`objects ${userId}`])
      const [row] = await tx.query<{ unfinished: number }>(
        `select count(*) as unfinished from jobs
         where created_by = $1 and state in ('queued', 'running') and kind like 'objects.%'`,
        [userId],
      )
      if ((row?.unfinished ?? 0) >= MAX_UNFINISHED) {
        throw new AppError(
          'too-many-requests',
          `You have ${MAX_UNFINISHED} unfinished jobs. Wait until some are done.`,
          {
            retryAfter: 10,
          },
        )
      }
      const made = await jobs.enqueue(kind, input, { createdBy: userId, about, tx })
      await audit.record({
        action: 'job.create',
        outcome: 'allow',
        userId,
        store,
        bucket: about.to?.bucket ?? about.bucket,
        key: about.to?.key ?? about.to?.prefix ?? about.names[0] ?? null,
        reason: null,
        detail: { jobId: made, kind },
        origin,
      })
      return made
    })
    return jobs.find(id, { userId, isAdmin: false })
  }

  return {
    async createFolder(caller, { bucket, key: text }, origin) {
      const key = requireFolder(text)
      if (key === '') throw new AppError('invalid-key', 'A folder has a name.')
      const operation = on('write', bucket, key)
      await gate.pass(caller, operation, 'object.create-folder', origin)
      try {
        const inside = await storeOf(store).listObjects({ bucket, prefix: key, limit: 1 })
        if (!inside.ok) throw bucketMissing(bucket)
        if (inside.value.objects.length > 0) throw new AppError('conflict', 'There is a folder of this name already.')
        if (meter.isOn()) await meter.reserve(operation, 0, now())
        const made = await storeOf(store).putEmptyObject(bucket, key)
        await meter.settle(operation)
        if (made.ok) return { bucket, key }
        if (made.reason === 'no-such-bucket') throw bucketMissing(bucket)
        throw new AppError('conflict', 'There is a folder of this name already.')
      } catch (error) {
        await gate.failed(caller, operation, 'object.create-folder', origin, failureOf(error))
        throw error
      }
    },

    async transfer(kind, caller, request, origin) {
      const { from, to, onConflict = 'fail' } = request
      const items = transferItems(request)
      const auditAs = kind === 'copy' ? 'object.copy' : 'object.move'
      const needed = items.flatMap((item) => {
        const [source, target] = 'key' in item ? [item.key, item.toKey] : [item.prefix, item.toPrefix]
        return [
          on('write', to.bucket, target),
          on('read', from.bucket, source),
          ...('prefix' in item ? [on('list', from.bucket, source)] : []),
          ...(kind === 'move' ? [on('delete', from.bucket, source)] : []),
        ]
      })
      await gate.foresee(caller, needed, auditAs, origin)
      const [only] = items
      if (items.length === 1 && only && 'key' in only && onConflict === 'fail') {
        if ((await storeOf(store).headObject(to.bucket, only.toKey)) !== undefined) throw taken(only.toKey)
      }
      const input: TransferInput = {
        caller: personOf(caller),
        origin,
        store,
        from: from.bucket,
        to: to.bucket,
        items,
        onConflict,
      }
      const { bucket, key, prefix } = to
      const target = { bucket, ...(key !== undefined && { key }), ...(prefix !== undefined && { prefix }) }
      return start(kind === 'copy' ? COPY_OBJECTS : MOVE_OBJECTS, caller, origin, input, {
        ...aboutItems(from.bucket, items),
        to: target,
      })
    },

    async delete(caller, request, origin) {
      const { bucket, countOnly = false } = request
      const items = sourcesOf(request.keys, request.prefixes)
      if (items.some((item) => 'prefix' in item && item.prefix === '')) {
        throw new AppError('invalid-request', undefined, {
          errors: [{ path: '/prefixes', message: 'holds the whole bucket: name the folders' }],
        })
      }
      const needed = items.flatMap((item) =>
        'key' in item
          ? [on('delete', bucket, item.key)]
          : [on('delete', bucket, item.prefix), on('list', bucket, item.prefix)],
      )
      await gate.foresee(caller, needed, 'object.delete', origin)
      const s3 = storeOf(store)
      const counted = await countObjects(s3, bucket, items, countOnly ? COUNTED : DELETED_AT_ONCE)
      if (countOnly) return { ...counted, deletedSince: null, job: null }
      if (counted.more) {
        const input: DeletionInput = { caller: personOf(caller), origin, store, bucket, items }
        const job = await start(DELETE_OBJECTS, caller, origin, input, aboutItems(bucket, items))
        return { ...counted, deletedSince: null, job }
      }
      const before = now()
      let deletedSince: string | undefined
      let place: Place | undefined = { item: 0 }
      while (place !== undefined) {
        const { found, next }: Awaited<ReturnType<typeof nextObjects>> = await nextObjects(
          s3,
          bucket,
          items,
          place,
          1000,
        )
        const keys = found.map(({ key }) => key)
        if (keys[0] !== undefined) {
          await deleteBatch({ gate, store: s3, stars }, { caller, origin }, bucket, keys)
          deletedSince ??= await deletionTime(s3, bucket, keys[0], before)
        }
        place = next
      }
      for (const item of items) if ('prefix' in item) await stars.folderDeleted({ store, bucket }, item.prefix)
      await meter.recountSoon(store, bucket, items.map(pathOf))
      return { ...counted, deletedSince: deletedSince ?? new Date(before).toISOString(), job: null }
    },

    async restoreDeleted(caller, request, origin) {
      const { bucket, deletedSince = null } = request
      const items = sourcesOf(request.keys, request.prefixes)
      const needed = items.map((item) => on('write', bucket, 'key' in item ? item.key : item.prefix))
      await gate.foresee(caller, needed, 'object.restore', origin)
      const input: RestoreInput = { caller: personOf(caller), origin, store, bucket, items, deletedSince }
      return start(RESTORE_OBJECTS, caller, origin, input, aboutItems(bucket, items))
    },

    async changeClass(caller, { bucket, key, prefix, storageClass }, origin) {
      if ((key === undefined) === (prefix === undefined)) {
        throw new AppError('invalid-request', undefined, {
          errors: [{ path: '', message: 'has either key or prefix' }],
        })
      }
      const mistake = classMistake(storageClass, storageClasses)
      if (mistake !== undefined) {
        throw new AppError('invalid-request', undefined, { errors: [{ path: '/storageClass', message: mistake }] })
      }
      const items = sourcesOf(key === undefined ? [] : [key], prefix === undefined ? [] : [prefix])
      const needed = items.flatMap((item) => {
        const place = 'key' in item ? item.key : item.prefix
        return [
          on('write', bucket, place),
          on('read', bucket, place),
          ...('prefix' in item ? [on('list', bucket, place)] : []),
        ]
      })
      await gate.foresee(caller, needed, 'object.change-class', origin)
      const input: ClassInput = { caller: personOf(caller), origin, store, bucket, items, storageClass }
      return start(CHANGE_CLASS, caller, origin, input, aboutItems(bucket, items))
    },
  }
}

function aboutItems(bucket: string, items: readonly Source[]): JobAbout {
  const names = items.slice(0, 3).map((item) => ('key' in item ? item.key : item.prefix))
  // JSONB has no form for U+0000.
  return { bucket, names: names.map((name) => name.replaceAll('\0', '\ufffd')), items: items.length }
}
