import type { Deletions as DeletionList } from '@skycrate/contract/versions/schemas'
import { parseKey } from '@skycrate/core/naming/key'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { Caller } from '@skycrate/core/access/permission'
import { failureOf, type Gate, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { firstIdOf } from '../audit/first-id.ts'
import { findBucket, inDefaultStore } from '../buckets/bucket-records.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { DeletionPage, StoredDeletion, VersionStore } from '../stores/version-store.ts'

type Person = Exclude<Caller, { readonly guest: true }>

/** Requests to the store for one page: among many versions, deletions may be rare. */
const STORE_PAGES = 10
/** Milliseconds between the event and what the store calls the time of the deletion, their clocks included. */
const APART = 15 * 60_000
const DAY = 86_400_000

interface DeletionsRequest {
  readonly bucket: string
  readonly prefix: string
  readonly cursor: string | undefined
  readonly limit: number
}

/** What was deleted and can still be restored. */
export interface Deletions {
  /** @throws AppError `invalid-key`, `invalid-cursor`, `forbidden`, `bucket-missing` and the store's */
  list(caller: Person, request: DeletionsRequest, origin: RequestOrigin): Promise<DeletionList>
}

/** @param retentionDays of buckets that have none of their own */
export function createDeletions(use: {
  readonly gate: Gate
  readonly database: Database
  readonly storeOf: (id: StoreId) => VersionStore
  readonly retentionDays: number
}): Deletions {
  const { gate, database, storeOf, retentionDays } = use
  return {
    async list(caller, { bucket, prefix, cursor, limit }, origin) {
      if (prefix !== '') requirePrefix(prefix)
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const operation = { action: 'list', store: DEFAULT_STORE, bucket, key: prefix } as const
      await gate.pass(caller, operation, 'object.list-deletions', origin)
      try {
        const { found, next } = await nextDeletions(storeOf(DEFAULT_STORE), bucket, prefix, after, limit)
        const [events, days] = await Promise.all([
          lastEvents(database, bucket, found),
          keptDays(database, bucket, retentionDays),
        ])
        // What was moved is elsewhere, not lost.
        const lost = found.filter(({ key }) => events.get(key)?.moved !== true)
        return {
          deletions: lost.map(({ key, deletedAt, size = 0 }) => ({
            key,
            size,
            deletedAt: deletedAt.toISOString(),
            deletedBy: events.get(key)?.person ?? null,
            keptUntil: days === undefined ? null : new Date(deletedAt.getTime() + days * DAY).toISOString(),
          })),
          nextCursor: next === undefined ? null : writeCursor(next),
        }
      } catch (error) {
        await gate.failed(caller, operation, 'object.list-deletions', origin, failureOf(error))
        throw error
      }
    },
  }
}

async function nextDeletions(
  store: VersionStore,
  bucket: string,
  prefix: string,
  after: DeletionPage['next'],
  limit: number,
): Promise<{ readonly found: readonly StoredDeletion[]; readonly next: DeletionPage['next'] }> {
  const found: StoredDeletion[] = []
  let next = after
  for (let pages = 0; pages < STORE_PAGES; pages++) {
    const page = await store.listDeletions(bucket, prefix, next)
    if (!page.ok) throw bucketMissing(bucket)
    next = page.value.next
    for (const each of page.value.deletions) {
      // All its versions have expired: nothing is left to restore. At the end of a page they may follow on the next one.
      if (each.size === undefined && each.key !== next?.key) continue
      found.push(each)
      if (found.length === limit && each !== page.value.deletions.at(-1)) {
        return { found, next: { key: each.key, versionId: each.versionId } }
      }
    }
    if (next === undefined || found.length >= limit) break
  }
  return { found, next }
}

interface LastEvent {
  readonly moved: boolean
  readonly person: NonNullable<DeletionList['deletions'][number]['deletedBy']>
}

/** By the audit log: the last deletion of each key around the time that the store tells. */
async function lastEvents(
  sql: Sql,
  bucket: string,
  found: readonly StoredDeletion[],
): Promise<ReadonlyMap<string, LastEvent>> {
  if (found.length === 0) return new Map()
  const times = found.map(({ deletedAt }) => deletedAt.getTime())
  const rows = await sql.query<{
    key: string
    id: string
    name: string | null
    email: string | null
    moved: boolean
  }>(
    `select distinct on (e.key) e.key, e.user_id as id, u.name, u.email, e.detail->'to' is not null as moved
     from audit_events e left join users u on u.id = e.user_id
     where e.action in ('object.delete', 'file.delete') and e.outcome = 'allow' and e.bucket = $1 and e.user_id is not null
       and e.key = any($2) and e.id >= $3 and e.id < $4
     order by e.key, e.id desc`,
    [bucket, found.map(({ key }) => key), firstIdOf(Math.min(...times) - APART), firstIdOf(Math.max(...times) + APART)],
  )
  return new Map(rows.map(({ key, moved, ...person }) => [key, { moved, person }]))
}

/** Undefined where somebody else says how long versions are kept. */
async function keptDays(sql: Sql, bucket: string, fallback: number): Promise<number | undefined> {
  const record = await findBucket(sql, inDefaultStore(bucket))
  return record === undefined || record.adopted ? undefined : (record.retentionDays ?? fallback)
}

function requirePrefix(prefix: string): void {
  const verdict = parseKey(prefix)
  if (!verdict.ok && verdict.problem !== 'dot-segment') requireKey(prefix)
}

const writeCursor = ({ key, versionId }: NonNullable<DeletionPage['next']>): string =>
  Buffer.from(JSON.stringify([key, versionId])).toString('base64url')

function readCursor(cursor: string): DeletionPage['next'] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const [key, versionId]: unknown[] = Array.isArray(value) ? value : []
    if (typeof key === 'string' && key !== '' && (versionId === null || typeof versionId === 'string')) {
      return { key, versionId: versionId ?? undefined }
    }
  } catch {
    // Told below.
  }
  throw new AppError('invalid-cursor')
}
