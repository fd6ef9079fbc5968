import type { AuditAction } from '@skycrate/contract/audit-actions'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'

/** Events of a user that are looked at, and files among them that are told at most. */
const WINDOW = 5_000
const FILES = 300

/** What a person does with a file. */
const USES: readonly AuditAction[] = [
  'object.get',
  'object.put',
  'object.copy',
  'object.move',
  'object.restore',
  'upload.complete',
]

export interface RecentRow {
  readonly store: StoreId
  readonly bucket: string
  readonly key: string
  readonly action: AuditAction
  readonly at: Date
}

/** The files that a user used last, without those that the user deleted since. */
export async function recentOf(sql: Sql, userId: UserId): Promise<RecentRow[]> {
  return sql.query<RecentRow>(
    `with looked as materialized (
       select id, at, action, outcome, store, bucket, key from audit_events where user_id = $1
       order by id desc limit ${WINDOW}
     ), last as (
       select distinct on (store, bucket, key) * from looked
       where outcome = 'allow' and action = any($2) and key <> '' and right(key, 1) <> '/'
       order by store, bucket, key, id desc
     )
     select store, bucket, key, action, at from last where action <> 'object.delete' order by id desc limit ${FILES}`,
    [userId, [...USES, 'object.delete']],
  )
}
