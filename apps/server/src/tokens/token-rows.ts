import type { AccessTokens } from '@skycrate/contract/tokens/schemas'
import { type Action, actionSet } from '@skycrate/core/access/operation'
import type { Scope } from '@skycrate/core/access/scope'
import type { TokenId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** A place of a token's scopes, as it is stored. */
export interface StoredPlace {
  readonly store: string
  /** Null: every bucket. */
  readonly bucket: string | null
  readonly prefix: string
  readonly actions: readonly Action[]
}

interface TokenRow {
  id: TokenId
  user_id: UserId
  name: string
  places: StoredPlace[]
  is_admin: boolean
  amr: string[]
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
}

const COLUMNS = 'id, user_id, name, places, is_admin, amr, created_at, expires_at, last_used_at'

export type TokenView = AccessTokens['tokens'][number]

const toView = (row: TokenRow): TokenView => ({
  id: row.id,
  name: row.name,
  scopes: row.places.map((place) => ({ ...place, actions: [...place.actions] })),
  admin: row.is_admin,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})

/** Those that have expired too, until they are pruned: their owner sees why something stopped working. */
export async function readTokensOf(sql: Sql, userId: UserId): Promise<TokenView[]> {
  const rows = await sql.query<TokenRow>(
    `select ${COLUMNS} from access_tokens where user_id = $1 order by id desc`,
    [userId],
    'access-tokens-of-user',
  )
  return rows.map(toView)
}

export async function insertToken(
  tx: Sql,
  token: {
    readonly id: TokenId
    readonly hash: Buffer
    readonly userId: UserId
    readonly name: string
    readonly places: readonly StoredPlace[]
    readonly isAdmin: boolean
    readonly amr: readonly string[]
    readonly expiresAt: Date
  },
): Promise<TokenView> {
  const [row] = await tx.query<TokenRow>(
    `insert into access_tokens (id, hash, user_id, name, places, is_admin, amr, expires_at)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8) returning ${COLUMNS}`,
    [
      token.id,
      token.hash,
      token.userId,
      token.name,
      JSON.stringify(token.places),
      token.isAdmin,
      token.amr,
      token.expiresAt.toISOString(),
    ],
  )
  return toView(row!)
}

/** @returns what it was; undefined where the user has no such token */
export async function deleteToken(tx: Sql, id: string, userId: UserId): Promise<TokenView | undefined> {
  const [row] = await tx.query<TokenRow>(
    `delete from access_tokens where id = $1 and user_id = $2 returning ${COLUMNS}`,
    [id, userId],
  )
  return row && toView(row)
}

/** All of a user's, who does not get them back. */
export async function deleteTokensOf(tx: Sql, userId: UserId): Promise<void> {
  await tx.query('delete from access_tokens where user_id = $1', [userId])
}

/** A token that was presented, and what it stands for. */
export interface KnownToken {
  readonly tokenId: TokenId
  readonly userId: UserId
  readonly scope: Scope
  readonly isAdmin: boolean
  readonly amr: readonly string[]
}

/** Notes the use once a minute: most uses write nothing. */
export async function useToken(sql: Sql, hash: Buffer): Promise<KnownToken | 'expired' | undefined> {
  const [row] = await sql.query<TokenRow & { is_expired: boolean; is_noted: boolean }>(
    `select ${COLUMNS}, expires_at <= now() as is_expired,
       coalesce(last_used_at > now() - interval '1 minute', false) as is_noted
     from access_tokens where hash = $1`,
    [hash],
    'access-token-by-hash',
  )
  if (!row) return undefined
  if (row.is_expired) return 'expired'
  if (!row.is_noted) {
    await sql.query(
      `update access_tokens set last_used_at = now()
       where id = $1 and (last_used_at is null or last_used_at <= now() - interval '1 minute')`,
      [row.id],
      'access-token-used',
    )
  }
  const places = row.places.map((place) => ({ ...place, actions: actionSet(place.actions) }))
  const scope = { places, expiresAt: row.expires_at.getTime() }
  return { tokenId: row.id, userId: row.user_id, scope, isAdmin: row.is_admin, amr: row.amr }
}

/** What its owner has had a month to see. */
export async function pruneTokens(sql: Sql): Promise<void> {
  await sql.query(`delete from access_tokens where expires_at < now() - interval '30 days'`)
}
