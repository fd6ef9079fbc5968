import type { Share } from '@skycrate/contract/shares/schemas'
import type { ShareId, UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import { USER_NAME } from '../access/permission-rows.ts'
import type { Sql } from '../db/database.ts'

export interface ShareRow {
  readonly id: ShareId
  readonly owner_id: UserId
  readonly store: StoreId
  readonly bucket: string
  /** Of a file its key, else '' or a folder that ends in '/'. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'drop-box'
  readonly name: string
  readonly password_hash: string | null
  readonly expires_at: Date | null
  readonly max_uses: number | null
  readonly uses: number
  readonly max_size: number | null
  readonly content_types: string[] | null
  readonly created_at: Date
  readonly last_used_at: Date | null
  readonly revoked_at: Date | null
}

export type NamedShareRow = ShareRow & { readonly owner_name: string }

const COLUMNS = `s.id, s.owner_id, s.store, s.bucket, s.path, s.kind, s.name, s.password_hash, s.expires_at, s.max_uses,
  s.uses, s.max_size, s.content_types, s.created_at, s.last_used_at, s.revoked_at`
/** The same rule as `endOf`, for the statement that counts a use. */
const IS_ACTIVE = `s.revoked_at is null and (s.expires_at is null or s.expires_at > now())
  and (s.max_uses is null or s.uses < s.max_uses) and coalesce((select enabled from sharing), true)`

/** Why a link has ended by itself or by somebody's hand; undefined while it works. */
export function endOf(row: ShareRow, now: number): 'revoked' | 'expired' | 'used-up' | undefined {
  if (row.revoked_at !== null) return 'revoked'
  if (row.expires_at !== null && row.expires_at.getTime() <= now) return 'expired'
  if (row.max_uses !== null && row.uses >= row.max_uses) return 'used-up'
  return undefined
}

export type NewShareRow = Omit<ShareRow, 'uses' | 'created_at' | 'last_used_at' | 'revoked_at' | 'expires_at'> & {
  readonly token_hash: Buffer
  readonly expires_at: string | null
}

export async function insertShare(tx: Sql, row: NewShareRow): Promise<NamedShareRow> {
  await tx.query(
    `insert into shares (id, token_hash, owner_id, store, bucket, path, kind, name, password_hash, expires_at, max_uses,
       max_size, content_types) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      row.id,
      row.token_hash,
      row.owner_id,
      row.store,
      row.bucket,
      row.path,
      row.kind,
      row.name,
      row.password_hash,
      row.expires_at,
      row.max_uses,
      row.max_size,
      row.content_types,
    ],
  )
  const [made] = await readShares(tx, { id: row.id, limit: 1 })
  return made!
}

/** Links that are not switched off, have not expired and are not used up. */
export async function countActive(tx: Sql, ownerId: UserId): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from shares s where s.owner_id = $1 and ${IS_ACTIVE}`,
    [ownerId],
  )
  return row!.count
}

/** Newest first. */
export async function readShares(
  sql: Sql,
  filter: {
    readonly id?: string
    readonly ownerId?: UserId | undefined
    readonly before?: string | undefined
    readonly limit: number
  },
): Promise<NamedShareRow[]> {
  const { id = null, ownerId = null, before = null, limit } = filter
  return sql.query<NamedShareRow>(
    `select ${COLUMNS}, ${USER_NAME} as owner_name from shares s join users u on u.id = s.owner_id
     where ($1::text is null or s.id = $1) and ($2::text is null or s.owner_id = $2) and ($3::text is null or s.id < $3)
     order by s.id desc limit $4`,
    [id, ownerId, before, limit],
  )
}

/** With whether links work at all. */
export async function findShare(
  sql: Sql,
  tokenHash: Buffer,
): Promise<(ShareRow & { readonly sharing: boolean }) | undefined> {
  const [row] = await sql.query<ShareRow & { sharing: boolean }>(
    `select ${COLUMNS}, coalesce((select enabled from sharing), true) as sharing from shares s where s.token_hash = $1`,
    [tokenHash],
    'share-by-token',
  )
  return row
}

/**
 * Counts one use of a link that still works. However many ask at once, no more are counted than the link has.
 * @returns false where it had ended
 */
export async function countUse(sql: Sql, id: ShareId): Promise<boolean> {
  const rows = await sql.query(
    `update shares s set uses = s.uses + 1, last_used_at = now() where s.id = $1 and ${IS_ACTIVE} returning 1`,
    [id],
    'share-use',
  )
  return rows.length > 0
}

/** A use that came to nothing. */
export async function giveBackUse(sql: Sql, id: ShareId): Promise<void> {
  await sql.query('update shares set uses = uses - 1 where id = $1', [id], 'share-give-back')
}

/** @returns the row as it was before; undefined where there is none, or another's */
export async function lockShare(tx: Sql, id: string, ownerId: UserId | null): Promise<ShareRow | undefined> {
  const [row] = await tx.query<ShareRow>(
    `select ${COLUMNS} from shares s where s.id = $1 and ($2::text is null or s.owner_id = $2) for update`,
    [id, ownerId],
  )
  return row
}

export async function revokeShare(tx: Sql, id: ShareId, by: UserId): Promise<void> {
  await tx.query('update shares set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null', [id, by])
}

export async function isSharingEnabled(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ enabled: boolean }>('select enabled from sharing')
  return row?.enabled ?? true
}

export async function setSharing(tx: Sql, enabled: boolean): Promise<void> {
  await tx.query(
    `insert into sharing (one, enabled) values (true, $1)
     on conflict (one) do update set enabled = excluded.enabled, updated_at = now()`,
    [enabled],
  )
}

/** What its owner has had a month to see. */
export async function pruneShares(sql: Sql): Promise<void> {
  await sql.query(`delete from shares where least(revoked_at, expires_at) < now() - interval '30 days'`)
  await sql.query(`delete from shares where uses >= max_uses and last_used_at < now() - interval '30 days'`)
}

export function viewOf(row: NamedShareRow, state: Share['state']): Share {
  return {
    id: row.id,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    bucket: row.bucket,
    path: row.path,
    kind: row.kind,
    name: row.name,
    hasPassword: row.password_hash !== null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    maxUses: row.max_uses,
    uses: row.uses,
    maxSize: row.max_size,
    contentTypes: row.content_types,
    state,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }
}
