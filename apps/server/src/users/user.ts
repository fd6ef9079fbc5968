import type { UserId } from '@skycrate/core/naming/id'
import { REQUIRES_SECOND_FACTOR } from './requires-second-factor.ts'

/**
 * - `invited`: may sign in once the invitation is accepted, or once the identity that it was prepared for comes.
 * - `deleting`: a job deletes what they have.
 * - `deleted`: kept so that the audit log can name them.
 */
export type UserState = 'active' | 'invited' | 'suspended' | 'deleting' | 'deleted'

/** A user as SkyCrate knows them. */
export interface User {
  readonly id: UserId
  readonly email: string | null
  /** Whether `emailIssuer` says that the address is this person's. */
  readonly emailVerified: boolean
  readonly emailIssuer: string | null
  readonly name: string | null
  /** The person or an administrator chose the name; what the issuer says does not replace it. */
  readonly nameChosen: boolean
  readonly isAdmin: boolean
  readonly state: UserState
  readonly createdAt: Date
  /** Whether one of the user's groups requires one. */
  readonly requiresSecondFactor: boolean
  /** Whether the user has an authenticator app or a passkey here. */
  readonly hasSecondFactor: boolean
}

export interface UserRow {
  id: UserId
  email: string | null
  email_verified: boolean
  email_issuer: string | null
  name: string | null
  name_chosen: boolean
  is_admin: boolean
  state: UserState
  created_at: Date
  requires_second_factor: boolean
  has_second_factor: boolean
}

/** Of `users u`. */
export const USER_COLUMNS = `u.id, u.email, u.email_verified, u.email_issuer, u.name, u.name_chosen, u.is_admin, u.state,
  u.created_at, ${REQUIRES_SECOND_FACTOR} as requires_second_factor,
  (exists(select 1 from credentials c where c.user_id = u.id and c.kind = 'totp')
    or exists(select 1 from passkeys k where k.user_id = u.id)) as has_second_factor`

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified,
    emailIssuer: row.email_issuer,
    name: row.name,
    nameChosen: row.name_chosen,
    isAdmin: row.is_admin,
    state: row.state,
    createdAt: row.created_at,
    requiresSecondFactor: row.requires_second_factor,
    hasSecondFactor: row.has_second_factor,
  }
}
