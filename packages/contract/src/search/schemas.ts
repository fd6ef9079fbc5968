import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

export const SearchQuery = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 200,
      ...storable,
      description:
        'Words that the name of a file or folder has, in any case. One or two letters are found at the beginning of a name and after a space.',
    }),
    bucket: Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...storable })),
    prefix: Type.Optional(
      Type.String({
        maxLength: 4096,
        pattern: '^([^\\u0000]*/)?$',
        description: "Only below it; ends in '/'. Needs `bucket`.",
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
  },
  { ...closed, $id: 'SearchQuery', examples: [{ q: 'annual report' }] },
)

export const SearchResults = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        store: Type.String(),
        bucket: Type.String(),
        key: Type.String({ description: "Of a folder with its '/'." }),
        kind: Type.Enum(['file', 'folder']),
        name: Type.String(),
        size: nullable(Type.Integer({ description: 'In bytes. Null for a folder, and where it is not known yet.' })),
        lastModified: nullable(timestamp('When the object was last written, where it is known.')),
      }),
    ),
    nextCursor: nullable(Type.String()),
    freshness: Type.Object(
      {
        buckets: Type.Integer({ description: 'Buckets that were searched.' }),
        listed: Type.Integer({ description: 'Those that have been listed completely; a job lists the others.' }),
        listedAt: nullable(timestamp('Since when, at least, changes by other programs are known.')),
      },
      { description: 'Changes through SkyCrate are known at once; others when the bucket is listed again.' },
    ),
  },
  {
    $id: 'SearchResults',
    examples: [
      {
        results: [
          {
            store: 'default',
            bucket: 'team-files',
            key: 'reports/Annual report 2026.pdf',
            kind: 'file',
            name: 'Annual report 2026.pdf',
            size: 48213,
            lastModified: '2026-11-21T12:00:00.000Z',
          },
        ],
        nextCursor: null,
        freshness: { buckets: 2, listed: 2, listedAt: '2026-11-21T12:00:00.000Z' },
      },
    ],
  },
)
export type SearchResults = Static<typeof SearchResults>
