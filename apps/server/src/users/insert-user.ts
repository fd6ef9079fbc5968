import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { ACCOUNTS_ISSUER } from './accounts-issuer.ts'

/** Somebody whom an administrator creates, and so vouches for the e-mail address; or of whom a directory tells. */
export interface NewUser {
  readonly email: string | null
  readonly name: string | null
  readonly isAdmin: boolean
  readonly state: 'active' | 'invited'
  /** Whether they sign in here; otherwise through an issuer, which is another identity. */
  readonly hasAccount: boolean
  /** Of somebody from a directory: the issuer that it goes with. What a directory says of an address is not verified. */
  readonly directory?: { readonly issuer: string | null }
}

/** A user, and the identity of a built-in account; in the caller's transaction. */
export async function insertUser(tx: Sql, user: NewUser, now: number): Promise<UserId> {
  const userId = createId('usr', now, randomBytes(10))
  const emailIssuer = user.email === null ? null : user.directory ? user.directory.issuer : ACCOUNTS_ISSUER
  await tx.query(
    `insert into users (id, email, email_verified, email_issuer, name, is_admin, state)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [userId, user.email, user.email !== null && !user.directory, emailIssuer, user.name, user.isAdmin, user.state],
  )
  if (user.hasAccount) {
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $2)', [ACCOUNTS_ISSUER, userId])
  }
  return userId
}
