import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, nullable, objectKey, timestamp } from '../schemas.ts'

export const PresignRequest = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    operation: Type.Enum(['get', 'put', 'head', 'delete']),
    expiresIn: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 604_800,
        default: 3600,
        description: 'Lifetime in seconds, at most 7 days.',
      }),
    ),
    contentType: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'For put. Signed: the upload must send this type.',
      }),
    ),
    contentLength: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5_368_709_120,
        description: 'For put, in bytes. Signed: the upload must have this size.',
      }),
    ),
    checksumSha256: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9+/]{43}=$',
        description:
          'For put. SHA-256 of the content in base64. Signed: a store that knows checksums refuses other content.',
      }),
    ),
    ifNoneMatch: Type.Optional(
      Type.Literal('*', {
        description:
          'For put. Signed: the upload fails with 412 if the key already exists, so it never replaces an object.',
      }),
    ),
    via: Type.Optional(
      Type.Enum(['store', 'cdn'], {
        default: 'store',
        description: "For get and head. `cdn`: a URL of the bucket's content delivery network instead of its store.",
      }),
    ),
    storageClass: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'For put. Signed. One that `GET /storage/classes` names. Default: STANDARD.',
      }),
    ),
    versionId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        pattern: '^[\\x21-\\x7e]+$',
        description: 'For get and head. A version of the object, as `GET /s3/versions/{bucket}/{key}` lists it.',
      }),
    ),
    downloadAs: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description:
          'For get. The file name under which a browser saves the object; beyond 255 characters it is cut before its extension.',
      }),
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
    url: Type.String({ description: 'Goes directly to S3. Anyone who has the URL can use it until it expires.' }),
    method: Type.String(),
    headers: Type.Record(Type.String(), Type.String(), { description: 'Send exactly these headers.' }),
    expiresAt: timestamp('When the URL expires.'),
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
        size: Type.Integer({ description: 'In bytes.' }),
        etag: Type.String(),
        lastModified: timestamp('When the object was last written.'),
        storageClass: Type.String(),
      }),
    ),
    prefixes: Type.Array(Type.String(), {
      description: 'Folders: keys below the prefix, grouped up to the delimiter.',
    }),
    nextCursor: nullable(
      Type.String({ description: 'Pass it as `cursor` to get the next page. Null on the last page.' }),
    ),
    keepsVersions: Type.Boolean({
      description: 'Whether the bucket keeps versions, so that deleted and replaced objects can be restored.',
    }),
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
        keepsVersions: true,
      },
    ],
  },
)
export type ObjectList = Static<typeof ObjectList>

export const ListQuery = Type.Object(
  {
    prefix: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
    delimiter: Type.Optional(Type.String({ maxLength: 8, description: "Use '/' to group keys by folder." })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { ...closed, $id: 'ListQuery' },
)

export const BucketsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { ...closed, $id: 'BucketsQuery' },
)

export const Buckets = Type.Object(
  {
    buckets: Type.Array(
      Type.Object({
        store: Type.String(),
        bucket: Type.String(),
        locations: Type.Array(
          Type.Object({
            prefix: Type.String(),
            actions: Type.Array(Action, {
              description: 'What the caller may do below the prefix, beyond what a location above it allows.',
            }),
            expiresAt: nullable(timestamp('When the first of the actions ends.')),
          }),
        ),
        moreLocations: Type.Boolean({ description: 'Whether the next page has more locations of this bucket.' }),
      }),
      { description: 'The locations that the caller can access, by bucket. `limit` counts locations.' },
    ),
    nextCursor: nullable(Type.String()),
  },
  {
    $id: 'Buckets',
    examples: [
      {
        buckets: [
          {
            store: 'default',
            bucket: 'team-files',
            locations: [{ prefix: 'reports/', actions: ['read', 'list'], expiresAt: null }],
            moreLocations: false,
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Buckets = Static<typeof Buckets>
