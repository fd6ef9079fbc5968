import type { API_BASE as ContractBase, ROUTES, RouteName } from '@skycrate/contract/routes'

export const API_BASE: typeof ContractBase = '/api/v1'

type Table = typeof ROUTES

/**
 * What the client needs of the contract at run time. It is written again rather than imported, so that the schema
 * library stays out of browsers; a route that is missing here or differs from the contract does not compile.
 */
export const ROUTE_PATHS = {
  login: 'POST /auth/login',
  refresh: 'POST /auth/refresh',
  logout: 'POST /auth/logout',
  changePassword: 'POST /auth/change-password',
  me: 'GET /auth/me',
  home: 'GET /home',
  presignedUrl: 'POST /s3/presigned-url',
  buckets: 'GET /s3/buckets',
  listObjects: 'GET /s3/list/:bucket',
  deleteObject: 'DELETE /s3/object/:bucket/*',
  listPermissions: 'GET /permissions',
  createPermission: 'POST /permissions',
  deletePermission: 'DELETE /permissions/:id',
  myPermissions: 'GET /permissions/my-permissions',
  explain: 'POST /permissions/explain',
  auditLogs: 'GET /audit/logs',
  myActivity: 'GET /audit/my-activity',
} as const satisfies { [Name in RouteName]: `${Table[Name]['method']} ${Table[Name]['path']}` }
