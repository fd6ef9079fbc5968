import { createHash } from 'node:crypto'
import type { Sql } from '../db/database.ts'

/** Rows of one statement. */
const BATCH = 2000

/** A logout token that was verified. */
export interface LogoutTokenUse {
  readonly hash: Buffer
  /** Milliseconds since the epoch: from then on the token is refused for its age. */
  readonly expiresAt: number
}

/** @param id its `jti`; of an older issuer, which sends none, the token itself */
export function logoutTokenUse(issuer: string, id: string, expiresAt: number): LogoutTokenUse {
  return { hash: createHash('sha256').update(`${issuer}\n${id}`).digest(), expiresAt }
}

/** @returns false where the token was used before; of several who bring it at once, one uses it */
export async function useLogoutToken(tx: Sql, { hash, expiresAt }: LogoutTokenUse): Promise<boolean> {
  const used = await tx.query(
    `insert into logout_tokens (hash, expires_at) values ($1, to_timestamp($2::float8 / 1000))
     on conflict (hash) do nothing returning 1`,
    [hash, expiresAt],
  )
  return used.length > 0
}

export async function pruneLogoutTokens(sql: Sql): Promise<void> {
  let pruned = BATCH
  while (pruned === BATCH) {
    const rows = await sql.query(
      `delete from logout_tokens where hash in (
         select hash from logout_tokens where expires_at < now() limit $1 for update skip locked
       ) returning 1`,
      [BATCH],
    )
    pruned = rows.length
  }
}
