import { guarded, recorded, type Route } from '../route.ts'
import { IdParams, PageQuery } from '../schemas.ts'
import { ExplainRequest, Explanation, NewPermission, Permission, Permissions } from './schemas.ts'

export const PERMISSIONS_ROUTES = {
  listPermissions: {
    area: 'permissions',
    audience: 'admin',
    summary: 'Every permission',
    query: PageQuery,
    success: { status: 200, body: Permissions },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  createPermission: {
    area: 'permissions',
    audience: 'admin',
    summary: 'Give a principal access to a prefix',
    body: NewPermission,
    success: { status: 201, body: Permission },
    problems: ['invalid-request', 'forbidden', ...recorded],
  },
  deletePermission: {
    area: 'permissions',
    audience: 'admin',
    summary: 'Take a permission away',
    params: IdParams,
    success: { status: 204 },
    problems: ['forbidden', 'not-found', ...recorded],
  },
  myPermissions: {
    area: 'permissions',
    audience: 'user',
    summary: 'The permissions that hold for the caller',
    success: { status: 200, body: Permissions },
    problems: [...guarded],
  },
  explain: {
    area: 'permissions',
    audience: 'user',
    summary: 'Why something is allowed or refused: the permission that matches, or what the others lack',
    body: ExplainRequest,
    success: { status: 200, body: Explanation },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
} as const satisfies Record<string, Route>
