import type { Permissions } from '../../access/permissions.ts'
import { Download } from '../download.ts'
import type { HandlersOf } from '../route.ts'

export function permissionsHandlers(
  permissions: Permissions,
): HandlersOf<
  | 'listPermissions'
  | 'createPermission'
  | 'permission'
  | 'replacePermission'
  | 'deletePermission'
  | 'myPermissions'
  | 'explain'
  | 'whoCan'
  | 'previewPermission'
  | 'importPermissions'
  | 'exportPermissions'
> {
  return {
    listPermissions: ({ query }) => permissions.list(query),
    async createPermission({ who, body, origin, wasKnown }) {
      const { permission, isNew } = await permissions.create(body, { userId: who.userId, origin })
      if (!isNew) wasKnown()
      return permission
    },
    permission: ({ params }) => permissions.get(params.id),
    replacePermission: ({ who, params, body, precondition, origin }) =>
      permissions.replace(params.id, body, precondition, { userId: who.userId, origin }),
    deletePermission: ({ who, params, precondition, origin }) =>
      permissions.delete(params.id, precondition, { userId: who.userId, origin }),
    myPermissions: ({ who }) => permissions.mine(who),
    explain: ({ who, body, origin }) => permissions.explain(body, who, origin),
    whoCan: ({ body }) => permissions.whoCan(body),
    previewPermission: ({ body }) => permissions.preview(body),
    importPermissions: ({ who, query, body, origin }) =>
      permissions.import(body, query.dryRun === 'true', { userId: who.userId, origin }),
    exportPermissions: async ({ who, query, origin }) =>
      new Download(
        'text/csv; charset=utf-8',
        'permissions.csv',
        await permissions.export(query, { userId: who.userId, origin }),
      ),
  }
}
