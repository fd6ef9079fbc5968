import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type * as Contract from '@skycrate/contract/permissions/schemas'
import type { NewPermission } from '@skycrate/core/access/levels'
import type { Caller } from '@skycrate/core/access/permission'
import { createId, isId, type UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import type { Reads } from '../db/reads.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import type { BucketAdmin } from '../stores/bucket-admin.ts'
import type { BucketPresences } from '../stores/bucket-presences.ts'
import { callerOfUser, withOwnGroups } from '../users/groups-of-user.ts'
import { bucketProblem, checkPermission, type Mistake } from './check-permission.ts'
import { explain } from './explain.ts'
import { exportPermissions } from './permission-export.ts'
import { importPermissions } from './permission-import.ts'
import { readPermissionPage } from './permission-list.ts'
import {
  deletePermissionRow,
  fromPermissionBody,
  insertPermission,
  type NamedRow,
  readRow,
  readRowsFor,
  readSame,
  toPermission,
  toPermissionBody,
  updatePermission,
} from './permission-rows.ts'
import { previewOf } from './preview.ts'
import {
  type Author,
  changeEvent,
  changeRecorded,
  exportEvent,
  missingEvent,
  refusedQuestion,
} from './record-change.ts'
import { whoCan } from './who-can.ts'

export interface Permissions {
  /** @throws AppError `invalid-request`, `invalid-cursor` */
  list(query: Contract.PermissionQuery): Promise<Contract.Permissions>
  /** @throws AppError `not-found` */
  get(id: string): Promise<Contract.Permission>
  mine(caller: Caller): Promise<Contract.Permissions>
  /**
   * A grant that exists already is not made twice: it is the answer, and not new.
   * @throws AppError `invalid-request`, `bucket-missing`, `store-unavailable`, `store-refused`
   */
  create(body: Contract.NewPermission, by: Author): Promise<{ permission: Contract.Permission; isNew: boolean }>
  /** @throws AppError as `create`, and `not-found`, `precondition-failed`, `conflict` */
  replace(
    id: string,
    body: Contract.NewPermission,
    precondition: Precondition,
    by: Author,
  ): Promise<Contract.Permission>
  /** @throws AppError `not-found`, `precondition-failed` */
  delete(id: string, precondition: Precondition, by: Author): Promise<void>
  /** @throws AppError `forbidden` when somebody who is no administrator asks about another user */
  explain(
    request: Contract.ExplainRequest,
    by: Caller & { readonly isAdmin: boolean },
    origin: RequestOrigin,
  ): Promise<Contract.Explanation>
  whoCan(request: Contract.WhoCanRequest): Promise<Contract.WhoCan>
  /** @throws AppError `invalid-request`, `not-found` */
  preview(request: Contract.PreviewRequest): Promise<Contract.Preview>
  /** @throws AppError as `importPermissions` */
  import(bytes: Uint8Array, dryRun: boolean, by: Author): Promise<Contract.ImportReport>
  /** @throws AppError `invalid-request` */
  export(filter: Contract.PermissionFilter, by: Author): Promise<Readable>
}

/** An administrator's use cases on permissions. Each change is in the audit log before it takes effect. */
export function createPermissions(options: {
  readonly database: Database
  readonly reads: Pick<Reads, 'current'>
  readonly audit: AuditLog
  readonly now: () => number
  readonly storeOf: (id: StoreId) => BucketAdmin
  readonly presences: BucketPresences
  /** Resolves once every process grants what was given before, and no process what was taken before. */
  readonly settled: () => Promise<void>
  /** Whether guests may be given more than to look. */
  readonly guestWrites: boolean
}): Permissions {
  const { database, reads, audit, now, storeOf, presences, guestWrites } = options

  async function check(body: Contract.NewPermission): Promise<NewPermission> {
    const permission = fromPermissionBody(body)
    refuse(checkPermission(permission, { guestWrites, now: now() }))
    if (permission.principal.kind === 'user') await requireUser(database, permission.principal.userId)
    return permission
  }

  async function requireBucket({ store, bucket }: NewPermission): Promise<void> {
    const problem = await bucketProblem(knownStore(storeOf, store), bucket)
    if (problem) throw problem
  }

  return {
    async list({ limit = 100, cursor, ...filter }) {
      const { rows, nextCursor } = await readPermissionPage(reads.current, filter, limit, cursor)
      return { permissions: rows.map(toPermissionBody), nextCursor }
    },

    async get(id) {
      return toPermissionBody(await requireRow(database, id))
    },

    async mine(caller) {
      const rows = await readRowsFor(database, await withOwnGroups(database, caller))
      return { permissions: rows.map(toPermissionBody), nextCursor: null }
    },

    async create(body, by) {
      const permission = await check(body)
      await requireBucket(permission)
      const id = createId('prm', now(), randomBytes(10))
      const created = await changeRecorded(options, async (tx, record) => {
        const { row, isNew } = await insertPermission(tx, id, permission)
        if (isNew) await record(changeEvent('permission.create', { after: row }, by))
        return { permission: toPermissionBody(row), isNew }
      })
      // Even where it was there already: it may have been created a moment ago.
      await options.settled()
      return created
    },

    async replace(id, body, precondition, by) {
      const permission = await check(body)
      const known = await requireRow(database, id)
      if (known.store !== permission.store || known.bucket !== permission.bucket) await requireBucket(permission)
      try {
        const replaced = await changeRecorded(options, async (tx, record) => {
          const before = await requireRow(tx, id, 'lock')
          precondition(before.updated_at)
          const after = await updatePermission(tx, id, permission)
          await record(changeEvent('permission.update', { before, after }, by))
          return toPermissionBody(after)
        })
        await options.settled()
        return replaced
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        const same = await readSame(database, permission)
        throw new AppError('conflict', `Permission ${same?.id ?? ''} already grants the same access.`)
      }
    },

    async delete(id, precondition, by) {
      if (!isId('prm', id)) throw notFound()
      if (!(await readRow(database, id))) {
        await audit.record(missingEvent('permission.delete', id, by))
        throw notFound()
      }
      await changeRecorded(options, async (tx, record) => {
        const before = await requireRow(tx, id, 'lock')
        precondition(before.updated_at)
        await deletePermissionRow(tx, id)
        await record(changeEvent('permission.delete', { before }, by))
      })
      await options.settled()
    },

    async explain({ store = DEFAULT_STORE, bucket, key, action, userId }, by, origin) {
      const isOwn = userId === undefined || (!('guest' in by) && by.userId === userId)
      if (!isOwn && !by.isAdmin) {
        await audit.record(refusedQuestion(by, userId, origin))
        throw new AppError('forbidden', 'Only an administrator may ask about somebody else.')
      }
      if (!isOwn) await requireUser(database, userId, '/userId')
      const caller = isOwn ? await withOwnGroups(database, by) : await callerOfUser(database, userId as UserId)
      const operation = { store, bucket, key, action }
      const explanation = explain(await readRowsFor(database, caller), operation, caller, now())
      // Only to whom a permission matches: others learn nothing of what exists.
      if (explanation.outcome !== 'allow' || !(await presences.isMissing(store, bucket))) return explanation
      return { ...explanation, outcome: 'deny', reason: 'bucket-missing' }
    },

    whoCan: (request) => whoCan(database, request, now()),

    async preview(request) {
      const id = 'update' in request ? request.update.id : 'delete' in request ? request.delete.id : undefined
      const body = 'create' in request ? request.create : 'update' in request ? request.update.permission : undefined
      const after = body && (await check(body))
      const before = id === undefined ? undefined : toPermission(await requireRow(database, id))
      const same = after && (await readSame(database, after))
      return {
        sameAs: same && same.id !== id ? same.id : null,
        changes: await previewOf(database, { before, after }, now()),
      }
    },

    async import(bytes, dryRun, by) {
      const report = await importPermissions(options, bytes, dryRun, by)
      if (!dryRun) await options.settled()
      return report
    },

    async export(filter, by) {
      const file = await exportPermissions(database, filter)
      await audit.record(exportEvent(filter, by))
      return file
    },
  }
}

export function refuse(errors: readonly Mistake[]): void {
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}

/** @throws AppError `not-found` */
export async function requireRow(sql: Sql, id: string, lock: 'lock' | 'look' = 'look'): Promise<NamedRow> {
  const row = isId('prm', id) ? await readRow(sql, id, lock) : undefined
  if (!row) throw notFound()
  return row
}

const notFound = (): AppError => new AppError('not-found', 'There is no permission with this id.')

/** @throws AppError `invalid-request` for a store that there is not */
export function knownStore(storeOf: (id: StoreId) => BucketAdmin, store: StoreId): BucketAdmin {
  try {
    return storeOf(store)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not-found') throw error
    throw new AppError('invalid-request', undefined, { errors: [{ path: '/store', message: 'is not a known store' }] })
  }
}

export async function requireUser(sql: Sql, userId: string, path = '/principal/userId'): Promise<void> {
  const found = await sql.query(`select 1 from users where id = $1 and state not in ('deleting', 'deleted')`, [userId])
  if (found.length === 0) refuse([{ path, message: 'is no user of SkyCrate' }])
}
