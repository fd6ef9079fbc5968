import type { FastifyInstance } from 'fastify'
import type { Accounts } from '../accounts/accounts.ts'
import type { Permissions } from '../access/permissions.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { IdentityTokens } from '../identity/identity-tokens.ts'
import type { Sessions } from '../vending/sessions.ts'
import type { Users } from '../users/users.ts'
import type { Entry } from './entry.ts'

/** What the doors of AWS's protocols use. */
export interface DoorUse {
  readonly entry: Entry
  readonly sessions: Sessions
  readonly identityTokens: IdentityTokens
  readonly permissions: Permissions
  readonly permissionCache: PermissionCache
  readonly accounts: Accounts
  readonly users: Pick<Users, 'rename'>
  /** Of SkyCrate's own tokens. */
  readonly issuer: string
  /** Ids that apps may name at `/cognito-idp`; empty: any. */
  readonly appClients: readonly string[]
  /** Of the store. */
  readonly region: string
  readonly now: () => number
}

/** Adds the routes of one protocol. The instance is the door's own: its bodies are buffers, and so are its errors. */
export type Door = (app: FastifyInstance, use: DoorUse) => void

/** Every method: what a protocol does not have, it refuses in its own words. */
export const ALL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The account of SkyCrate's ARNs, as the embedded store has it. */
export const ACCOUNT_ID = '000000000000'
