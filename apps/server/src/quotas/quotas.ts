import type { NewQuota, Quota, Quotas as QuotaPage } from '@skycrate/contract/quotas/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { USER_NAME } from '../access/permission-rows.ts'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { KEEP_QUOTAS } from './meter.ts'
import { quotasAt, type QuotaRow } from './quota-rows.ts'

export const EVERYONE = 'everyone'

export interface QuotaId {
  readonly kind: QuotaRow['kind']
  /** Of a bucket its name. */
  readonly id: string
}

/** The quotas of the installation, for administrators, and those that bind a user. */
export interface Quotas {
  list(page: { readonly limit?: number; readonly cursor?: string }): Promise<QuotaPage>
  /** Those that bind in the user's home. */
  of(userId: UserId): Promise<Quota[]>
  find(of: QuotaId): Promise<Quota | null>
  /** @throws AppError `not-found` where there is nothing of this id; `invalid-request` */
  set(of: QuotaId, wish: NewQuota, by: UserId, origin: RequestOrigin): Promise<Quota>
  /** @throws AppError `not-found` */
  delete(of: QuotaId, by: UserId, origin: RequestOrigin): Promise<void>
  /** Counts what is stored again. @throws AppError `not-found` */
  recount(of: QuotaId, by: UserId, origin: RequestOrigin): Promise<void>
}

interface ViewRow extends QuotaRow {
  readonly name: string | null
  readonly bytes: number
  readonly objects: number
  readonly reserved_bytes: number
  readonly reserved_objects: number
  readonly counted_at: Date | null
}

/** The places that a quota `q` is counted by. */
const PLACES = `
  select u.* from quota_usage u where q.kind = 'bucket' and u.store || '/' || u.bucket = q.subject and u.prefix = ''
  union all
  select u.* from homes h join quota_usage u on u.store = h.store and u.bucket = h.bucket and u.prefix = h.prefix
  where q.kind = 'user' and h.user_id = q.subject
  union all
  select u.* from group_members m join homes h on h.user_id = m.user_id
  join quota_usage u on u.store = h.store and u.bucket = h.bucket and u.prefix = h.prefix
  where q.kind = 'group' and m.group_id = q.subject`
const VIEW = `
  select q.kind, q.subject, q.max_bytes, q.max_objects, coalesce(s.bytes, 0)::bigint as bytes,
    coalesce(s.objects, 0)::bigint as objects, coalesce(s.reserved_bytes, 0)::bigint as reserved_bytes,
    coalesce(s.reserved_objects, 0)::bigint as reserved_objects, s.counted_at,
    case q.kind when 'user' then (select ${USER_NAME} from users u where u.id = q.subject)
      when 'group' then (select g.name from groups g where g.id = q.subject) end as name
  from quotas q left join lateral (
    select sum(bytes) as bytes, sum(objects) as objects, sum(reserved_bytes) as reserved_bytes,
      sum(reserved_objects) as reserved_objects,
      case when bool_and(counted_at is not null) then min(counted_at) end as counted_at
    from (${PLACES}) places
  ) s on true`

export function createQuotas(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly jobs: Jobs
  /** Resolves once every process knows what was committed before. */
  readonly settled: () => Promise<void>
}): Quotas {
  const { database, jobs, settled } = use

  async function requireSubject(tx: Sql, { kind, id }: QuotaId): Promise<string> {
    const known =
      kind === 'bucket'
        ? await tx.query(`select 1 from buckets where store = $1 and name = $2 and state = 'ready'`, [
            DEFAULT_STORE,
            id,
          ])
        : kind === 'group'
          ? await tx.query('select 1 from groups where id = $1', [id])
          : id === EVERYONE
            ? [{}]
            : await tx.query(`select 1 from users where id = $1 and state <> 'deleted'`, [isId('usr', id) ? id : ''])
    if (known.length === 0) throw new AppError('not-found')
    return subjectOf({ kind, id })
  }

  const find = async (sql: Sql, { kind, id }: QuotaId): Promise<ViewRow | undefined> => {
    const rows = await sql.query<ViewRow>(`${VIEW} where q.kind = $1 and q.subject = $2`, [
      kind,
      subjectOf({ kind, id }),
    ])
    return rows[0]
  }

  const event = (
    action: 'quota.set' | 'quota.delete' | 'quota.recount',
    of: QuotaId,
    by: UserId,
    origin: RequestOrigin,
  ) =>
    ({
      action,
      outcome: 'allow',
      userId: by,
      targetUserId: of.kind === 'user' && isId('usr', of.id) ? of.id : null,
      bucket: of.kind === 'bucket' ? of.id : null,
      key: null,
      reason: null,
      origin,
    }) as const

  return {
    async list({ limit = 100, cursor }) {
      const [, kind = '', subject = ''] = /^(\w+):(.*)$/s.exec(cursor ?? '') ?? []
      if (cursor !== undefined && kind === '') throw new AppError('invalid-cursor')
      const rows = await database.query<ViewRow>(
        `${VIEW} where (q.kind, q.subject) > ($1, $2) order by q.kind, q.subject limit $3`,
        [kind, subject, limit + 1],
      )
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      return {
        quotas: shown.map(viewOf),
        nextCursor: last !== undefined && rows.length > limit ? `${last.kind}:${last.subject}` : null,
      }
    },

    async of(userId) {
      const [home] = await database.query<{ store: string; bucket: string; prefix: string }>(
        `select store, bucket, prefix from homes where user_id = $1 and state = 'ready'`,
        [userId],
      )
      if (home === undefined) return []
      const bound = await quotasAt(database, { ...home, key: `${home.prefix}x` })
      const [own] = await database.query<Omit<ViewRow, keyof QuotaRow | 'name'>>(
        `select bytes, objects, reserved_bytes, reserved_objects, counted_at from quota_usage
         where store = $1 and bucket = $2 and prefix = $3`,
        [home.store, home.bucket, home.prefix],
      )
      const views: Quota[] = []
      for (const { kind, subject, max_bytes, max_objects } of bound) {
        if (kind === 'user') {
          const taken = own ?? { bytes: 0, objects: 0, reserved_bytes: 0, reserved_objects: 0, counted_at: null }
          views.push(viewOf({ kind, subject, max_bytes, max_objects, name: null, ...taken }))
        } else {
          const row = await find(database, { kind, id: idOf({ kind, subject }) })
          if (row) views.push(viewOf(row))
        }
      }
      return views
    },

    async find(of) {
      const row = await find(database, of)
      return row === undefined ? null : viewOf(row)
    },

    async set(of, { maxBytes = null, maxObjects = null }, by, origin) {
      if (maxBytes === null && maxObjects === null) {
        throw new AppError('invalid-request', undefined, {
          errors: [{ path: '', message: 'needs maxBytes or maxObjects; delete the quota to have none' }],
        })
      }
      await changeRecorded(use, async (tx, record) => {
        const subject = await requireSubject(tx, of)
        await record({
          ...event('quota.set', of, by, origin),
          detail: { kind: of.kind, id: of.id, maxBytes, maxObjects },
        })
        await tx.query(
          `insert into quotas (kind, subject, max_bytes, max_objects) values ($1, $2, $3, $4)
           on conflict (kind, subject) do update set max_bytes = $3, max_objects = $4, updated_at = now()`,
          [of.kind, subject, maxBytes, maxObjects],
        )
        await jobs.enqueue(KEEP_QUOTAS, {}, { createdBy: null, key: 'soon', tx })
      })
      await settled()
      return viewOf((await find(database, of))!)
    },

    async delete(of, by, origin) {
      await changeRecorded(use, async (tx, record) => {
        const gone = await tx.query('delete from quotas where kind = $1 and subject = $2 returning 1', [
          of.kind,
          subjectOf(of),
        ])
        if (gone.length === 0) throw new AppError('not-found')
        await record({ ...event('quota.delete', of, by, origin), detail: { kind: of.kind, id: of.id } })
      })
    },

    async recount(of, by, origin) {
      await changeRecorded(use, async (tx, record) => {
        if ((await find(tx, of)) === undefined) throw new AppError('not-found')
        await record({ ...event('quota.recount', of, by, origin), detail: { kind: of.kind, id: of.id } })
        await tx.query(
          `update quota_usage u set counted_at = null from quotas q, lateral (${PLACES}) p
           where q.kind = $1 and q.subject = $2 and u.store = p.store and u.bucket = p.bucket and u.prefix = p.prefix`,
          [of.kind, subjectOf(of)],
        )
        await jobs.enqueue(KEEP_QUOTAS, {}, { createdBy: null, key: 'soon', tx })
      })
    },
  }
}

const subjectOf = ({ kind, id }: QuotaId): string => (kind === 'bucket' ? `${DEFAULT_STORE}/${id}` : id)
const idOf = ({ kind, subject }: Pick<QuotaRow, 'kind' | 'subject'>): string =>
  kind === 'bucket' ? subject.slice(subject.indexOf('/') + 1) : subject

function viewOf(row: ViewRow): Quota {
  const id = idOf(row)
  return {
    kind: row.kind,
    id,
    name: row.kind === 'bucket' ? id : row.subject === EVERYONE ? 'Every user' : (row.name ?? id),
    maxBytes: row.max_bytes,
    maxObjects: row.max_objects,
    usedBytes: row.bytes,
    usedObjects: row.objects,
    reservedBytes: row.reserved_bytes,
    reservedObjects: row.reserved_objects,
    countedAt: row.counted_at?.toISOString() ?? null,
  }
}
