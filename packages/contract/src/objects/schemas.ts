import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, nullable, objectKey, timestamp } from '../schemas.ts'

export const PresignRequest = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    operation: Type.Enum(['get', 'put', 'head', 'delete']),
    expiresIn: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 604_800, default: 3600, description: 'Seconds; at most 7 days.' }),
    ),
    contentType: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'For put: signed, so the upload must send it.',
      }),
    ),
    contentLength: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5_368_709_120,
        description: 'Bytes, for put: signed, so the upload must have this size.',
      }),
    ),
    downloadAs: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'For get: the browser saves it under this file name.' }),
    ),
  },
  {
    ...closed,
    $id: 'PresignRequest',
    examples: [{ bucket: 'team-files', key: 'reports/2026.pdf', operation: 'put', contentType: 'application/pdf' }],
  },
)
export type PresignRequest = Static<typeof PresignRequest>

export const PresignedUrl = Type.Object(
  {
    url: Type.String({ description: 'Talks straight to S3; whoever holds it can use it until it ends.' }),
    method: Type.String(),
    headers: Type.Record(Type.String(), Type.String(), { description: 'Send exactly these with it.' }),
    expiresAt: timestamp('When it ends.'),
  },
  {
    $id: 'PresignedUrl',
    examples: [
      {
        url: 'https://s3.example.com/team-files/reports/2026.pdf?X-Amz-Signature=…',
        method: 'PUT',
        headers: { 'content-type': 'application/pdf' },
        expiresAt: '2026-11-21T13:00:00.000Z',
      },
    ],
  },
)
export type PresignedUrl = Static<typeof PresignedUrl>

export const ObjectList = Type.Object(
  {
    objects: Type.Array(
      Type.Object({
        key: Type.String(),
        size: Type.Integer({ description: 'Bytes.' }),
        etag: Type.String(),
        lastModified: timestamp('When it was written.'),
        storageClass: Type.String(),
      }),
    ),
    prefixes: Type.Array(Type.String(), { description: 'Folders: what follows the prefix up to the delimiter.' }),
    nextCursor: nullable(Type.String({ description: 'Give it back to get the next page; null on the last.' })),
  },
  {
    $id: 'ObjectList',
    examples: [
      {
        objects: [
          {
            key: 'reports/2026.pdf',
            size: 48213,
            etag: '"9b2cf535f27731c974343645a3985328"',
            lastModified: '2026-11-21T12:00:00.000Z',
            storageClass: 'STANDARD',
          },
        ],
        prefixes: ['reports/2025/'],
        nextCursor: null,
      },
    ],
  },
)
export type ObjectList = Static<typeof ObjectList>

export const ListQuery = Type.Object(
  {
    prefix: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
    delimiter: Type.Optional(Type.String({ maxLength: 8, description: "'/' groups by folder." })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { ...closed, $id: 'ListQuery' },
)

export const Buckets = Type.Object(
  {
    buckets: Type.Array(
      Type.Object({
        bucket: Type.String(),
        locations: Type.Array(Type.Object({ prefix: Type.String(), actions: Type.Array(Action) })),
        moreLocations: Type.Boolean({ description: 'Whether there are more than the 100 that are named here.' }),
      }),
      { description: 'Where the caller may do something, and what.' },
    ),
    nextCursor: nullable(Type.String()),
  },
  {
    $id: 'Buckets',
    examples: [
      {
        buckets: [
          {
            bucket: 'team-files',
            locations: [{ prefix: 'reports/', actions: ['read', 'list'] }],
            moreLocations: false,
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Buckets = Static<typeof Buckets>
