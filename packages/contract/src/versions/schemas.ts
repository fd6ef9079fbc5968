import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, objectKey, timestamp } from '../schemas.ts'

const VERSION = 'F3cXgkFJYpQ1xhK2m0v7NwTzRsLbQd4e'

export const Versions = Type.Object(
  {
    versions: Type.Array(
      Type.Object({
        versionId: Type.String({ description: '`null` for what was written while the bucket kept no versions.' }),
        size: Type.Integer({ description: 'In bytes; 0 for a deletion.' }),
        etag: Type.String({ description: 'Empty for a deletion.' }),
        lastModified: timestamp('When the version was written, or the object deleted.'),
        storageClass: Type.String(),
        isLatest: Type.Boolean(),
        isDeleteMarker: Type.Boolean({ description: 'Whether this is a deletion.' }),
      }),
      { description: 'Newest first.' },
    ),
    nextCursor: nullable(Type.String()),
  },
  {
    $id: 'Versions',
    examples: [
      {
        versions: [
          {
            versionId: 'pL0q9XbT4fWm2ZcR7sVk1YhNdGe8Ju3A',
            size: 0,
            etag: '',
            lastModified: '2026-11-29T12:00:00.000Z',
            storageClass: 'STANDARD',
            isLatest: true,
            isDeleteMarker: true,
          },
          {
            versionId: VERSION,
            size: 48213,
            etag: '9b2cf535f27731c974343645a3985328',
            lastModified: '2026-11-21T12:00:00.000Z',
            storageClass: 'STANDARD',
            isLatest: false,
            isDeleteMarker: false,
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Versions = Static<typeof Versions>

export const VersionsQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 2048 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  },
  { ...closed, $id: 'VersionsQuery' },
)

export const Deletions = Type.Object(
  {
    deletions: Type.Array(
      Type.Object({
        key: Type.String(),
        size: Type.Integer({ description: 'Of the version that would be restored, in bytes.' }),
        deletedAt: timestamp('When the object was deleted.'),
        deletedBy: nullable(
          Type.Object(
            { id: Type.String(), name: nullable(Type.String()), email: nullable(Type.String()) },
            { description: 'Who deleted it by SkyCrate; null where that is not known.' },
          ),
        ),
        keptUntil: nullable(
          timestamp('When the store may delete it for good; null in a bucket whose retention SkyCrate does not set.'),
        ),
      }),
      { description: 'By key.' },
    ),
    nextCursor: nullable(
      Type.String({ description: 'Pass it as `cursor` to get the next page. A page may be empty and have one.' }),
    ),
  },
  {
    $id: 'Deletions',
    examples: [
      {
        deletions: [
          {
            key: 'reports/2026.pdf',
            size: 48213,
            deletedAt: '2026-11-29T12:00:00.000Z',
            deletedBy: { id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8', name: 'Ada Lovelace', email: 'ada@example.com' },
            keptUntil: '2026-12-29T12:00:00.000Z',
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Deletions = Static<typeof Deletions>

export const DeletionsQuery = Type.Object(
  {
    prefix: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { ...closed, $id: 'DeletionsQuery' },
)

export const RestoreRequest = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    versionId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        pattern: '^[\\x21-\\x7e]+$',
        description: 'The version to restore. Default: the newest one before the deletion.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'RestoreRequest',
    examples: [
      { bucket: 'team-files', key: 'reports/2026.pdf' },
      { bucket: 'team-files', key: 'reports/2026.pdf', versionId: VERSION },
    ],
  },
)
export type RestoreRequest = Static<typeof RestoreRequest>

export const Restored = Type.Object(
  {
    bucket: Type.String(),
    key: Type.String(),
    versionId: Type.String({ description: 'The version that is the current one now.' }),
    size: Type.Integer({ description: 'In bytes.' }),
  },
  { $id: 'Restored', examples: [{ bucket: 'team-files', key: 'reports/2026.pdf', versionId: VERSION, size: 48213 }] },
)
export type Restored = Static<typeof Restored>
