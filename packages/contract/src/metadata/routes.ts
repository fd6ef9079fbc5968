import { recorded, type Route } from '../route.ts'
import { BucketParams } from '../schemas.ts'
import { NewTags, ObjectMetadata, ObjectTags } from './schemas.ts'

const atStore = [
  'invalid-key',
  'forbidden',
  'not-found',
  'bucket-missing',
  ...recorded,
  'store-unavailable',
  'store-refused',
] as const

export const METADATA_ROUTES = {
  objectMetadata: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Read the metadata and tags of an object; requires read',
    params: BucketParams,
    success: { status: 200, body: ObjectMetadata },
    problems: [...atStore],
  },
  setTags: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Replace the tags of an object; requires write, and read where `expected` is given',
    params: BucketParams,
    body: NewTags,
    success: { status: 200, body: ObjectTags },
    problems: ['invalid-request', 'precondition-failed', 'tags-unsupported', ...atStore],
  },
} as const satisfies Record<string, Route>
