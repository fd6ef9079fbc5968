import type { Permissions } from '../access/permissions.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { readAuditEvents } from '../audit/audit-reader.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Homes } from '../homes/homes.ts'
import type { Objects } from '../objects/objects.ts'
import type { PresignedUrls } from '../vending/presigned-url.ts'
import { rawKeyOf } from './raw-key.ts'
import type { Handlers } from './route.ts'

/** Each route of the contract, as one call of its use case. */
export function createHandlers(use: {
  readonly accounts: Accounts
  readonly homes: Homes
  readonly presignedUrls: PresignedUrls
  readonly objects: Objects
  readonly permissions: Permissions
  readonly database: Sql
}): Handlers {
  const { accounts, homes, presignedUrls, objects, permissions, database } = use
  return {
    login: ({ body, origin }) => accounts.login(body.email, body.password, origin),
    refresh: ({ body, origin }) => accounts.refresh(body.refresh_token, origin),
    logout: ({ body, origin }) => accounts.logout(body.refresh_token, origin),
    changePassword: ({ who, body, origin }) =>
      accounts.changePassword(who.userId, body.currentPassword, body.newPassword, origin),
    me: async ({ who }) => ({
      id: who.userId,
      email: who.email,
      name: who.name,
      isAdmin: who.isAdmin,
      groups: [...who.groups],
      issuer: who.issuer,
      createdAt: who.createdAt.toISOString(),
    }),
    home: ({ who, origin }) => homes.home(who, origin),
    presignedUrl: ({ who, body, origin }) => presignedUrls.vend(who, body, origin),
    buckets: ({ who, query }) => objects.buckets(who, query.limit ?? 100, query.cursor),
    listObjects: ({ who, params, query, origin }) =>
      objects.list(
        who,
        {
          bucket: params.bucket,
          prefix: query.prefix ?? '',
          delimiter: query.delimiter,
          cursor: query.cursor,
          limit: query.limit ?? 1000,
        },
        origin,
      ),
    deleteObject: ({ who, params, origin, request }) => {
      const key = rawKeyOf(request.raw.url ?? '', `/s3/object/`)
      if (key === undefined) throw new AppError('invalid-key', 'The key is not well percent-encoded.')
      return objects.remove(who, params.bucket, key, origin)
    },
    listPermissions: ({ query }) => permissions.list(query.limit ?? 100, query.cursor),
    createPermission: ({ who, body, origin }) => permissions.create(body, who.userId, origin),
    deletePermission: ({ who, params, origin }) => permissions.remove(params.id, who.userId, origin),
    myPermissions: ({ who }) => permissions.mine(who),
    explain: ({ who, body }) => permissions.explain(body, who),
    auditLogs: ({ query }) => readAuditEvents(database, { ...query, limit: query.limit ?? 100 }),
    myActivity: ({ who, query }) =>
      readAuditEvents(database, { ...query, limit: query.limit ?? 100, userId: who.userId }),
  }
}
