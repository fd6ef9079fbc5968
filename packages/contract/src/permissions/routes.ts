import { guarded, recorded, type Route } from '../route.ts'
import { IdParams, PageQuery } from '../schemas.ts'
import { ExplainRequest, Explanation, NewPermission, Permission, Permissions } from './schemas.ts'

export const PERMISSIONS_ROUTES = {
  listPermissions: {
    area: 'permissions',
    audience: 'admin',
    summary: 'List permissions',
    query: PageQuery,
    success: { status: 200, body: Permissions },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  createPermission: {
    area: 'permissions',
    audience: 'admin',
    summary: 'Create a permission',
    body: NewPermission,
    success: { status: 201, body: Permission },
    problems: ['invalid-request', 'forbidden', ...recorded],
  },
  deletePermission: {
    area: 'permissions',
    audience: 'admin',
    summary: 'Delete a permission',
    params: IdParams,
    success: { status: 204 },
    problems: ['forbidden', 'not-found', ...recorded],
  },
  myPermissions: {
    area: 'permissions',
    audience: 'user',
    summary: 'List the permissions that apply to the caller',
    success: { status: 200, body: Permissions },
    problems: [...guarded],
  },
  explain: {
    area: 'permissions',
    audience: 'user',
    summary: 'Explain why an operation is allowed or refused',
    body: ExplainRequest,
    success: { status: 200, body: Explanation },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
} as const satisfies Record<string, Route>
