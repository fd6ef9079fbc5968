import type { TSchema } from 'typebox'
import type { ProblemCode } from './problem.ts'
import {
  AuditEvents,
  AuditQuery,
  BucketParams,
  Buckets,
  Credentials,
  Explanation,
  ExplainRequest,
  Home,
  IdParams,
  ListQuery,
  Me,
  NewPermission,
  ObjectList,
  PageQuery,
  PasswordChange,
  Permission,
  Permissions,
  PresignedUrl,
  PresignRequest,
  RefreshRequest,
  Tokens,
} from './schemas.ts'

/** Who may call a route: anyone; a guest, where the operator lets guests in, or a user; a user; an administrator. */
export type Audience = 'anyone' | 'guest' | 'user' | 'admin'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify's notation: `:name`, and `*` for the rest of the path. */
  readonly path: string
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

export const API_BASE = '/api/v1'

const guarded = ['unauthenticated', 'invalid-token', 'token-expired', 'database-unavailable'] as const
const recorded = [...guarded, 'audit-unavailable'] as const

/** Every operation of the API. The server registers them, the client is typed by them, OpenAPI is written from them. */
export const ROUTES = {
  login: {
    method: 'POST',
    path: '/auth/login',
    area: 'auth',
    audience: 'anyone',
    summary: 'Sign in with a built-in account',
    body: Credentials,
    success: { status: 200, body: Tokens },
    problems: [
      'invalid-request',
      'invalid-credentials',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  refresh: {
    method: 'POST',
    path: '/auth/refresh',
    area: 'auth',
    audience: 'anyone',
    summary: 'Trade a refresh token for new tokens',
    body: RefreshRequest,
    success: { status: 200, body: Tokens },
    problems: [
      'invalid-request',
      'invalid-token',
      'token-expired',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  logout: {
    method: 'POST',
    path: '/auth/logout',
    area: 'auth',
    audience: 'anyone',
    summary: 'End the session that a refresh token belongs to',
    body: RefreshRequest,
    success: { status: 204 },
    problems: ['invalid-request', 'audit-unavailable', 'database-unavailable'],
  },
  changePassword: {
    method: 'POST',
    path: '/auth/change-password',
    area: 'auth',
    audience: 'user',
    summary: "Change a built-in account's password; every session of it ends",
    body: PasswordChange,
    success: { status: 204 },
    problems: ['invalid-request', 'invalid-credentials', 'too-many-requests', ...recorded],
  },
  me: {
    method: 'GET',
    path: '/auth/me',
    area: 'auth',
    audience: 'user',
    summary: 'Who is signed in',
    success: { status: 200, body: Me },
    problems: [...guarded],
  },
  home: {
    method: 'GET',
    path: '/home',
    area: 'home',
    audience: 'user',
    summary: "The caller's own place in S3, made on the first call",
    success: { status: 200, body: Home },
    problems: [...recorded, 'no-personal-storage', 'provisioning-failed', 'store-unavailable', 'store-refused'],
  },
  presignedUrl: {
    method: 'POST',
    path: '/s3/presigned-url',
    area: 's3',
    audience: 'guest',
    summary: 'A URL that does one operation on one object, straight at S3',
    body: PresignRequest,
    success: { status: 200, body: PresignedUrl },
    problems: ['invalid-request', 'invalid-key', 'forbidden', ...recorded],
  },
  buckets: {
    method: 'GET',
    path: '/s3/buckets',
    area: 's3',
    audience: 'guest',
    summary: 'The buckets and prefixes where the caller may do something',
    query: PageQuery,
    success: { status: 200, body: Buckets },
    problems: [...guarded],
  },
  listObjects: {
    method: 'GET',
    path: '/s3/list/:bucket',
    area: 's3',
    audience: 'guest',
    summary: 'A page of objects and folders below a prefix',
    params: BucketParams,
    query: ListQuery,
    success: { status: 200, body: ObjectList },
    problems: [
      'invalid-request',
      'invalid-key',
      'invalid-cursor',
      'forbidden',
      ...recorded,
      'store-unavailable',
      'store-refused',
    ],
  },
  deleteObject: {
    method: 'DELETE',
    path: '/s3/object/:bucket/*',
    area: 's3',
    audience: 'user',
    summary: 'Delete one object; in a versioned bucket its last version stays recoverable',
    params: BucketParams,
    success: { status: 204 },
    problems: ['invalid-key', 'forbidden', ...recorded, 'store-unavailable', 'store-refused'],
  },
  listPermissions: {
    method: 'GET',
    path: '/permissions',
    area: 'permissions',
    audience: 'admin',
    summary: 'Every permission',
    query: PageQuery,
    success: { status: 200, body: Permissions },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  createPermission: {
    method: 'POST',
    path: '/permissions',
    area: 'permissions',
    audience: 'admin',
    summary: 'Give a principal access to a prefix',
    body: NewPermission,
    success: { status: 201, body: Permission },
    problems: ['invalid-request', 'forbidden', ...recorded],
  },
  deletePermission: {
    method: 'DELETE',
    path: '/permissions/:id',
    area: 'permissions',
    audience: 'admin',
    summary: 'Take a permission away',
    params: IdParams,
    success: { status: 204 },
    problems: ['forbidden', 'not-found', ...recorded],
  },
  myPermissions: {
    method: 'GET',
    path: '/permissions/my-permissions',
    area: 'permissions',
    audience: 'user',
    summary: 'The permissions that hold for the caller',
    success: { status: 200, body: Permissions },
    problems: [...guarded],
  },
  explain: {
    method: 'POST',
    path: '/permissions/explain',
    area: 'permissions',
    audience: 'user',
    summary: 'Why something is allowed or refused: the permission that matches, or what the others lack',
    body: ExplainRequest,
    success: { status: 200, body: Explanation },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  auditLogs: {
    method: 'GET',
    path: '/audit/logs',
    area: 'audit',
    audience: 'admin',
    summary: 'The audit log, newest first',
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  myActivity: {
    method: 'GET',
    path: '/audit/my-activity',
    area: 'audit',
    audience: 'user',
    summary: "The caller's own part of the audit log",
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES
