import { createHash, randomBytes } from 'node:crypto'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

export type CodeKind = 'invitation' | 'reset-password'

/** Milliseconds that a link is good for. */
const LASTS_MS: Readonly<Record<CodeKind, number>> = {
  invitation: 7 * 24 * 60 * 60_000,
  'reset-password': 24 * 60 * 60_000,
}

/** 256 bits; only its hash is stored, so that nobody signs in with what the database holds. */
export type OneTimeCode = `skyi_${string}`

const SHAPE = /^skyi_[\w-]{43}$/

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseOneTimeCode(text: string): OneTimeCode | undefined {
  return SHAPE.test(text) ? (text as OneTimeCode) : undefined
}

/** A new code; the one before of this user and kind is good no more. */
export async function createOneTimeCode(
  tx: Sql,
  kind: CodeKind,
  userId: UserId,
  now: number,
): Promise<{ readonly code: OneTimeCode; readonly expiresAt: Date }> {
  const code: OneTimeCode = `skyi_${randomBytes(32).toString('base64url')}`
  const expiresAt = new Date(now + LASTS_MS[kind])
  await tx.query(
    `insert into one_time_codes (hash, kind, user_id, expires_at) values ($1, $2, $3, $4)
     on conflict (user_id, kind) do update
       set hash = excluded.hash, expires_at = excluded.expires_at, created_at = now()`,
    [hashOf(code), kind, userId, expiresAt.toISOString()],
  )
  return { code, expiresAt }
}

/** Whose code it is, while it lasts. */
export async function findOneTimeCode(sql: Sql, kind: CodeKind, code: OneTimeCode): Promise<UserId | undefined> {
  const [row] = await sql.query<{ user_id: UserId }>(
    'select user_id from one_time_codes where hash = $1 and kind = $2 and expires_at > now()',
    [hashOf(code), kind],
  )
  return row?.user_id
}

/** @returns whether it was there to be used: of two who use it at once, one does */
export async function useOneTimeCode(tx: Sql, kind: CodeKind, code: OneTimeCode): Promise<boolean> {
  const used = await tx.query(
    'delete from one_time_codes where hash = $1 and kind = $2 and expires_at > now() returning user_id',
    [hashOf(code), kind],
  )
  return used.length > 0
}

/** All of a user. */
export async function deleteOneTimeCodes(tx: Sql, userId: UserId): Promise<void> {
  await tx.query('delete from one_time_codes where user_id = $1', [userId])
}

export async function pruneOneTimeCodes(sql: Sql): Promise<void> {
  await sql.query(`delete from one_time_codes where expires_at < now()`)
}

const hashOf = (code: OneTimeCode): Buffer => createHash('sha256').update(code).digest()
