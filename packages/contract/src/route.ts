import type { TSchema } from 'typebox'
import type { ProblemCode } from './problem.ts'

/** Who may call a route: anyone; a guest, where the operator lets guests in, or a user; a user; an administrator. */
export type Audience = 'anyone' | 'guest' | 'user' | 'admin'

/** An operation of the API; its method and path stand in `paths.ts`, under the same name. */
export interface Route {
  readonly summary: string
  readonly area: 'auth' | 'home' | 's3' | 'permissions' | 'audit'
  readonly audience: Audience
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** The status of success, and its body where it has one. */
  readonly success: { readonly status: 200 | 201 | 204; readonly body?: TSchema }
  readonly problems: readonly ProblemCode[]
}

/** What every route answers that takes a token. */
export const guarded = ['unauthenticated', 'invalid-token', 'token-expired', 'database-unavailable'] as const
/** And what it answers when it also writes an audit event. */
export const recorded = [...guarded, 'audit-unavailable'] as const
