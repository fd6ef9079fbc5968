import type { TSchema } from 'typebox'
import type { ProblemCode } from './problem.ts'

/** Who may call a route: anyone; a guest, where the operator lets guests in, or a user; a user; an administrator. */
export type Audience = 'anyone' | 'guest' | 'user' | 'admin'

/** An operation of the API; its method and path stand in `paths.ts`, under the same name. */
export interface Route {
  readonly summary: string
  readonly area:
    | 'auth'
    | 'sessions'
    | 'tokens'
    | 'device'
    | 'clients'
    | 'users'
    | 'groups'
    | 'directories'
    | 'issuers'
    | 'home'
    | 'homes'
    | 'buckets'
    | 's3'
    | 'credentials'
    | 'files'
    | 'shares'
    | 'quotas'
    | 'permissions'
    | 'mail'
    | 'doctor'
    | 'storage'
    | 'jobs'
    | 'audit'
  readonly audience: Audience
  /**
   * Access tokens with scopes may call it, since all that it does is decided on the caller's permissions. Absent for a user's
   * route: only who is signed in may. An administrator's route takes tokens with the `admin` scope alone.
   */
  readonly tokens?: true
  /**
   * The ID token of an app that signs its users in at `/cognito-idp` may call it, as apps of Cognito send it to their own
   * API. What takes access tokens with scopes takes it anyway.
   */
  readonly idTokens?: true
  /** Also for a user who has to set up a second factor first: what they need to do so, and to leave. */
  readonly withoutSecondFactor?: true
  /**
   * Only for a user who proved who they are within the last ten minutes. `second-factor`: only where the user has a second
   * factor, since the request itself holds the first.
   */
  readonly fresh?: true | 'second-factor'
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** Bytes of a JSON body at most; 64 KiB when absent. */
  readonly bodyLimit?: number
  /** A body that is not JSON: its media type, and its limit in bytes. The handler gets the bytes. */
  readonly upload?: { readonly type: 'text/csv'; readonly limit: number }
  /**
   * The row has a version: an answer with a body carries `ETag`, made of its `updatedAt`, and a PUT or DELETE takes
   * `If-Match` and answers `precondition-failed` when the row has changed since.
   */
  readonly versioned?: true
  /**
   * A success may be tokens. A page of SkyCrate gets a session cookie instead: with the header of `session-header.ts`, the
   * answer sets it and has the body `CookieSession`.
   */
  readonly signsIn?: true
  /** An endpoint of OAuth: it takes forms beside JSON, and a refusal has OAuth's fields beside those of a problem. */
  readonly oauth?: true
  /** The body is `application/x-www-form-urlencoded`. */
  readonly form?: true
  /** The body may be left out; then it counts as `{}`. */
  readonly bodyOptional?: true
  /** The status of success, and its body where it has one. `download`: the media types of an answer that is not JSON. */
  readonly success: {
    /** 302: the answer sends the browser on. */
    readonly status: 200 | 201 | 202 | 204 | 302
    /** The answer's status where nothing had to be created. */
    readonly statusIfKnown?: 200
    readonly body?: TSchema
    readonly download?: readonly string[]
  }
  readonly problems: readonly ProblemCode[]
}

/** What every route answers that takes a token. */
export const guarded = [
  'unauthenticated',
  'invalid-token',
  'token-expired',
  'too-many-requests',
  'database-unavailable',
  // Of a caller who is told to wait or may not call the route at all.
  'audit-unavailable',
] as const
/** And what it answers when it also writes an audit event: the same. */
export const recorded = guarded
