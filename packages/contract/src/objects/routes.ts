import { guarded, recorded, type Route } from '../route.ts'
import { BucketParams, PageQuery } from '../schemas.ts'
import { Buckets, ListQuery, ObjectList, PresignRequest, PresignedUrl } from './schemas.ts'

export const OBJECTS_ROUTES = {
  presignedUrl: {
    area: 's3',
    audience: 'guest',
    summary: 'A URL that does one operation on one object, straight at S3',
    body: PresignRequest,
    success: { status: 200, body: PresignedUrl },
    problems: ['invalid-request', 'invalid-key', 'forbidden', ...recorded],
  },
  buckets: {
    area: 's3',
    audience: 'guest',
    summary: 'The buckets and prefixes where the caller may do something',
    query: PageQuery,
    success: { status: 200, body: Buckets },
    problems: [...guarded],
  },
  listObjects: {
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
    area: 's3',
    audience: 'user',
    summary: 'Delete one object; in a versioned bucket its last version stays recoverable',
    params: BucketParams,
    success: { status: 204 },
    problems: ['invalid-key', 'forbidden', ...recorded, 'store-unavailable', 'store-refused'],
  },
} as const satisfies Record<string, Route>
