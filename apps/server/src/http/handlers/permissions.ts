import type { Permissions } from '../../access/permissions.ts'
import type { HandlersOf } from '../route.ts'

export function permissionsHandlers(
  permissions: Permissions,
): HandlersOf<'listPermissions' | 'createPermission' | 'deletePermission' | 'myPermissions' | 'explain'> {
  return {
    listPermissions: ({ query }) => permissions.list(query.limit ?? 100, query.cursor),
    createPermission: ({ who, body, origin }) => permissions.create(body, who.userId, origin),
    deletePermission: ({ who, params, origin }) => permissions.remove(params.id, who.userId, origin),
    myPermissions: ({ who }) => permissions.mine(who),
    explain: ({ who, body, origin }) => permissions.explain(body, who, origin),
  }
}
