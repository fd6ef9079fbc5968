import type { FileChange, FileRecord, FileRecords, NewFile } from '@skycrate/contract/files/schemas'
import { createId, isId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate, requireKey } from '../access/gate.ts'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import { idRandomness } from '../id-randomness.ts'
import type { Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { type AskedBy, type Person, personOf } from '../objects/object-jobs.ts'
import type { Meter } from '../quotas/meter.ts'
import type { StarPlaces } from '../starred/star-places.ts'
import type { Store } from '../stores/store.ts'
import type { Thumbnails } from '../thumbnails/thumbnails.ts'
import {
  type FileId,
  fileAt,
  type FileRow,
  findFile,
  insertFile,
  listFiles,
  type Looked,
  updateFile,
  viewOf,
} from './file-rows.ts'
import { HEADER_BYTES, imageSize } from './image-size.ts'

export const DELETE_FILE = 'files.delete'

interface DeletionInput extends AskedBy {
  readonly id: FileId
}

/**
 * Records of uploaded objects. A record belongs to the user who created it; what may be done to its object is decided by
 * permissions, as everywhere.
 */
export interface Files {
  /** @returns whether the caller had a record of the object already, which is then brought up to date */
  create(
    caller: Person,
    request: NewFile,
    origin: RequestOrigin,
  ): Promise<{ readonly file: FileRecord; readonly known: boolean }>
  list(
    caller: Person,
    query: {
      readonly limit: number
      readonly cursor: string | undefined
      readonly bucket: string | undefined
      readonly images: boolean
    },
  ): Promise<FileRecords>
  /** @throws AppError `not-found`; `forbidden` for another user's */
  find(caller: Person, id: string, origin: RequestOrigin): Promise<FileRecord>
  update(caller: Person, id: string, change: FileChange, origin: RequestOrigin): Promise<FileRecord>
  /** The object first, then the record: after a crash a job goes on, and no record is left without its object. */
  delete(caller: Person, id: string, origin: RequestOrigin): Promise<void>
}

export function createFiles(use: {
  readonly gate: Gate
  readonly meter: Meter
  readonly audit: AuditLog
  readonly database: Database
  readonly jobs: Jobs
  readonly thumbnails: Pick<Thumbnails, 'expect' | 'forget'>
  readonly storeOf: (id: StoreId) => Store
  readonly stars: StarPlaces
  readonly now: () => number
}): Files {
  const { gate, meter, audit, database, jobs, thumbnails, storeOf, stars, now } = use

  const event = (
    action: 'file.create' | 'file.update' | 'file.delete' | 'file.read',
    caller: Person,
    row: Pick<FileRow, 'id' | 'owner_id' | 'store' | 'bucket' | 'key' | 'filename'>,
    origin: RequestOrigin,
    refused?: string,
  ): NewAuditEvent => ({
    action,
    outcome: refused === undefined ? 'allow' : 'deny',
    userId: caller.userId,
    targetUserId: row.owner_id,
    store: row.store,
    bucket: row.bucket,
    key: row.key,
    reason: refused ?? null,
    detail: { fileId: row.id, filename: row.filename },
    origin,
  })

  /** A record of the caller's. @throws AppError `not-found`; `forbidden` once the refusal is durable */
  async function own(
    action: Parameters<typeof event>[0],
    caller: Person,
    id: string,
    origin: RequestOrigin,
  ): Promise<FileRow> {
    const row = isId('fil', id) ? await findFile(database, id) : undefined
    if (row === undefined || row.state !== 'ready') throw new AppError('not-found', 'There is no such file.')
    if (row.owner_id !== caller.userId) {
      await audit.record(event(action, caller, row, origin, 'not-owner'))
      throw new AppError('forbidden', 'This file belongs to another user.')
    }
    return row
  }

  async function look(store: StoreId, bucket: string, key: string): Promise<Looked & { readonly etag: string }> {
    const head = await storeOf(store).headObject(bucket, key)
    if (head === undefined) throw new AppError('not-found', 'There is no such object. Upload it first.')
    const isImage = head.contentType?.startsWith('image/') === true
    const size = isImage ? await imageSize(await storeOf(store).readStart(bucket, key, HEADER_BYTES)) : undefined
    return {
      etag: head.etag,
      size: head.size,
      content_type: head.contentType ?? null,
      width: size?.width ?? null,
      height: size?.height ?? null,
    }
  }

  /** Deletes the object of a record that is being deleted, then the record; whoever comes second finds nothing to do. */
  async function finishDeletion({ id, caller, origin }: DeletionInput): Promise<void> {
    await database.transaction(async (tx) => {
      const row = await findFile(tx, id, true)
      if (row?.state !== 'deleting') return
      const { store, bucket, key } = row
      if ((await storeOf(store).headObject(bucket, key)) !== undefined) {
        const operation = { action: 'delete', store, bucket, key } as const
        await gate.pass(caller, operation, 'object.delete', origin)
        try {
          if (meter.isOn()) await meter.watch(operation, now())
          const result = await storeOf(store).deleteObject(bucket, key)
          if (!result.ok) throw bucketMissing(bucket)
          await meter.settle(operation)
          await stars.deleted({ store, bucket }, [key])
        } catch (error) {
          await gate.failed(caller, operation, 'object.delete', origin, failureOf(error))
          throw error
        }
      }
      await thumbnails.forget({ store, bucket, key })
      await tx.query(`delete from files where id = $1`, [id])
    })
  }

  jobs.register(DELETE_FILE, async ({ input }: Job<DeletionInput>) => {
    try {
      await finishDeletion(input)
    } catch (error) {
      // Not allowed any more: the record is its owner's again.
      if (error instanceof AppError && error.code === 'forbidden') {
        await database.query(`update files set state = 'ready' where id = $1 and state = 'deleting'`, [input.id])
      }
      throw error
    }
  })

  return {
    async create(caller, request, origin) {
      const { bucket, filename, metadata = {} } = request
      const key = requireKey(request.key)
      const store = DEFAULT_STORE
      await gate.foresee(caller, [{ action: 'write', store, bucket, key }], 'object.put', origin)
      const { etag, ...looked } = await look(store, bucket, key)
      await meter.settle({ store, bucket, key })
      return changeRecorded({ database, audit }, async (tx, record) => {
        const id = createId('fil', now(), idRandomness(Buffer.alloc(10)))
        const fields = { id, owner_id: caller.userId, store, bucket, key, filename, metadata, ...looked }
        const made = await insertFile(tx, fields)
        if (looked.content_type?.startsWith('image/')) await thumbnails.expect(tx, { store, bucket, key }, etag)
        if (made) {
          await record(event('file.create', caller, made, origin))
          return { file: viewOf(made), known: false }
        }
        const there = await fileAt(tx, store, bucket, key)
        if (there?.owner_id !== caller.userId || there.state !== 'ready') {
          throw new AppError('conflict', 'Another user has a record of this object, or it is being deleted.')
        }
        const changed = await updateFile(tx, there.id, { filename, ...(request.metadata && { metadata }), ...looked })
        await record(event('file.update', caller, changed, origin))
        return { file: viewOf(changed), known: true }
      })
    },

    async list({ userId }, { limit, cursor, bucket, images }) {
      if (cursor !== undefined && !isId('fil', cursor)) throw new AppError('invalid-cursor')
      const rows = await listFiles(database, { ownerId: userId, before: cursor, bucket, images, limit: limit + 1 })
      const page = rows.slice(0, limit)
      return { files: page.map(viewOf), nextCursor: rows.length > page.length ? page.at(-1)!.id : null }
    },

    find: async (caller, id, origin) => viewOf(await own('file.read', caller, id, origin)),

    async update(caller, id, change, origin) {
      const row = await own('file.update', caller, id, origin)
      return changeRecorded({ database, audit }, async (tx, record) => {
        const changed = await updateFile(tx, row.id, change)
        await record(event('file.update', caller, changed, origin))
        return viewOf(changed)
      })
    },

    async delete(caller, id, origin) {
      const row = await own('file.delete', caller, id, origin)
      const { store, bucket, key } = row
      await gate.foresee(caller, [{ action: 'delete', store, bucket, key }], 'object.delete', origin)
      const input: DeletionInput = { id: row.id, caller: personOf(caller), origin }
      await changeRecorded({ database, audit }, async (tx, record) => {
        await tx.query(`update files set state = 'deleting', updated_at = now() where id = $1`, [row.id])
        await jobs.enqueue(DELETE_FILE, input, { createdBy: caller.userId, key: row.id, tx })
        await record(event('file.delete', caller, row, origin))
      })
      await finishDeletion(input)
    },
  }
}
