import { recorded, type Route } from '../route.ts'
import { BucketParams } from '../schemas.ts'
import { Deletions, DeletionsQuery, Restored, RestoreRequest, Versions, VersionsQuery } from './schemas.ts'

const atStore = [
  'invalid-key',
  'forbidden',
  'bucket-missing',
  ...recorded,
  'store-unavailable',
  'store-refused',
] as const

export const VERSIONS_ROUTES = {
  listVersions: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'List the versions of an object, deletions among them; requires read',
    params: BucketParams,
    query: VersionsQuery,
    success: { status: 200, body: Versions },
    problems: ['invalid-request', 'invalid-cursor', ...atStore],
  },
  listDeletions: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'List deleted objects below a prefix that can be restored; requires list',
    params: BucketParams,
    query: DeletionsQuery,
    success: { status: 200, body: Deletions },
    problems: ['invalid-request', 'invalid-cursor', ...atStore],
  },
  restoreObject: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Restore a deleted object, or an earlier version; requires write',
    body: RestoreRequest,
    success: { status: 200, body: Restored },
    problems: ['invalid-request', 'not-found', 'conflict', ...atStore],
  },
} as const satisfies Record<string, Route>
