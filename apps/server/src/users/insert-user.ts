import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { ACCOUNTS_ISSUER } from './accounts-issuer.ts'

/** Somebody whom an administrator creates, and so vouches for the e-mail address. */
export interface NewUser {
  readonly email: string | null
  readonly name: string | null
  readonly isAdmin: boolean
  readonly state: 'active' | 'invited'
  /** Whether they sign in here; otherwise through an issuer, which is another identity. */
  readonly hasAccount: boolean
}

/** A user, and the identity of a built-in account; in the caller's transaction. */
export async function insertUser(tx: Sql, user: NewUser, now: number): Promise<UserId> {
  const userId = createId('usr', now, randomBytes(10))
  await tx.query(
    `insert into users (id, email, email_verified, email_issuer, name, is_admin, state)
     values ($1, $2, $3::text is not null, $3, $4, $5, $6)`,
    [userId, user.email, user.email === null ? null : ACCOUNTS_ISSUER, user.name, user.isAdmin, user.state],
  )
  if (user.hasAccount) {
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $2)', [ACCOUNTS_ISSUER, userId])
  }
  return userId
}
