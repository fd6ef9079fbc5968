import { guarded, recorded, type Route } from '../route.ts'
import { BucketParams } from '../schemas.ts'
import { Buckets, BucketsQuery, ListQuery, ObjectList, PresignRequest, PresignedUrl } from './schemas.ts'

export const OBJECTS_ROUTES = {
  presignedUrl: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Create a presigned URL for one operation on one object',
    body: PresignRequest,
    success: { status: 200, body: PresignedUrl },
    problems: [
      'invalid-request',
      'invalid-key',
      'forbidden',
      'bucket-missing',
      'delivery-unsupported',
      'quota-exceeded',
      'length-required',
      'store-unavailable',
      'store-refused',
      ...recorded,
    ],
  },
  buckets: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'List the buckets and prefixes that the caller can access',
    query: BucketsQuery,
    success: { status: 200, body: Buckets },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
  listObjects: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'List objects and folders below a prefix',
    params: BucketParams,
    query: ListQuery,
    success: { status: 200, body: ObjectList },
    problems: [
      'invalid-request',
      'invalid-key',
      'invalid-cursor',
      'forbidden',
      'bucket-missing',
      ...recorded,
      'store-unavailable',
      'store-refused',
    ],
  },
  deleteObject: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Delete an object; a versioned bucket keeps its last version',
    params: BucketParams,
    success: { status: 204 },
    problems: ['invalid-key', 'forbidden', 'bucket-missing', ...recorded, 'store-unavailable', 'store-refused'],
  },
} as const satisfies Record<string, Route>
