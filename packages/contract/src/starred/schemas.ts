import { type Static, Type } from 'typebox'
import { AUDIT_ACTION_NAMES } from '../audit-actions.ts'
import { bucketName, closed, objectKey, storable, timestamp } from '../schemas.ts'

const place = {
  bucket: bucketName,
  key: Type.Optional({ ...objectKey, ...storable, minLength: 1, description: 'The file. Either this or `prefix`.' }),
  prefix: Type.Optional(
    Type.String({
      maxLength: 4096,
      ...storable,
      description: "The folder: '' for the whole bucket, or ending in '/'. Either this or `key`.",
    }),
  ),
}

export const NewStar = Type.Object(place, {
  ...closed,
  $id: 'NewStar',
  examples: [{ bucket: 'team-files', key: 'reports/2026.pdf' }],
})
export type NewStar = Static<typeof NewStar>

export const StarQuery = Type.Object(place, { ...closed, $id: 'StarQuery' })

const where = {
  store: Type.String(),
  bucket: Type.String(),
  key: Type.String({ description: "Of a folder with its '/'; '' is the whole bucket." }),
  name: Type.String(),
}

export const Starred = Type.Object(
  {
    starred: Type.Array(
      Type.Object({
        ...where,
        kind: Type.Enum(['file', 'folder']),
        starredAt: timestamp('When the caller starred it.'),
      }),
      { description: 'The last one first, 500 at most; without what the caller may neither read nor list any more.' },
    ),
  },
  {
    $id: 'Starred',
    examples: [
      {
        starred: [
          {
            store: 'default',
            bucket: 'team-files',
            key: 'reports/',
            name: 'reports',
            kind: 'folder',
            starredAt: '2026-11-29T12:00:00.000Z',
          },
        ],
      },
    ],
  },
)
export type Starred = Static<typeof Starred>

export const Recent = Type.Object(
  {
    recent: Type.Array(
      Type.Object({
        ...where,
        action: Type.Enum(AUDIT_ACTION_NAMES, { description: 'What the caller did to it last.' }),
        at: timestamp('When.'),
      }),
      {
        description:
          'The last one first, 100 at most, from the last 5,000 events of the caller; without what the caller may neither read nor list any more.',
      },
    ),
  },
  {
    $id: 'Recent',
    examples: [
      {
        recent: [
          {
            store: 'default',
            bucket: 'team-files',
            key: 'reports/2026.pdf',
            name: '2026.pdf',
            action: 'object.get',
            at: '2026-11-29T12:00:00.000Z',
          },
        ],
      },
    ],
  },
)
export type Recent = Static<typeof Recent>
