import { Type, type Static } from 'typebox'
import { Job } from '../jobs/schemas.ts'
import { bucketName, closed, instant, nullable, objectKey, timestamp } from '../schemas.ts'

const prefix = Type.String({ maxLength: 4096, description: "'' for the whole bucket, or a folder that ends in '/'." })
const keys = Type.Array(objectKey, { maxItems: 1000 })
const prefixes = Type.Array(prefix, { maxItems: 1000 })

export const FolderRequest = Type.Object(
  { bucket: bucketName, key: Type.String({ maxLength: 4096, description: "Ends in '/'." }) },
  { ...closed, $id: 'FolderRequest', examples: [{ bucket: 'team-files', key: 'reports/2027/' }] },
)
export type FolderRequest = Static<typeof FolderRequest>

export const Folder = Type.Object(
  { bucket: Type.String(), key: Type.String() },
  { $id: 'Folder', examples: [{ bucket: 'team-files', key: 'reports/2027/' }] },
)

export const TransferRequest = Type.Object(
  {
    from: Type.Object(
      {
        bucket: bucketName,
        key: Type.Optional(objectKey),
        prefix: Type.Optional(prefix),
        keys: Type.Optional(keys),
        prefixes: Type.Optional(prefixes),
      },
      { ...closed, description: 'One `key` or one `prefix`; or `keys` and `prefixes`, together at most 1,000.' },
    ),
    to: Type.Object(
      { bucket: bucketName, key: Type.Optional(objectKey), prefix: Type.Optional(prefix) },
      {
        ...closed,
        description:
          'Where to: for `from.key` a `key`, or a `prefix` in which it keeps its name; for `from.prefix` the `prefix` that takes its place; for `keys` and `prefixes` the `prefix` in which each keeps its name.',
      },
    ),
    onConflict: Type.Optional(
      Type.Enum(['fail', 'keep-both', 'replace', 'skip'], {
        default: 'fail',
        description:
          'What to do where a key is taken. `fail`: nothing is copied if a key is taken. `keep-both`: the copy gets another name, such as `report (1).pdf`.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'TransferRequest',
    examples: [
      {
        from: { bucket: 'team-files', prefix: 'drafts/2026/' },
        to: { bucket: 'team-files', prefix: 'reports/2026/' },
        onConflict: 'keep-both',
      },
      { from: { bucket: 'team-files', key: 'a.txt' }, to: { bucket: 'team-files', key: 'b.txt' } },
      {
        from: { bucket: 'team-files', keys: ['a.txt', 'b.txt'], prefixes: ['photos/'] },
        to: { bucket: 'archive', prefix: '2026/' },
      },
    ],
  },
)
export type TransferRequest = Static<typeof TransferRequest>

export const DeletionRequest = Type.Object(
  {
    bucket: bucketName,
    keys: Type.Optional(keys),
    prefixes: Type.Optional(prefixes),
    countOnly: Type.Optional(
      Type.Boolean({ default: false, description: 'Deletes nothing: only counts what would go.' }),
    ),
  },
  {
    ...closed,
    $id: 'DeletionRequest',
    examples: [{ bucket: 'team-files', keys: ['a.txt'], prefixes: ['drafts/'], countOnly: true }],
  },
)
export type DeletionRequest = Static<typeof DeletionRequest>

export const Deletion = Type.Object(
  {
    objects: Type.Integer({ description: 'How many objects go, or went.' }),
    bytes: Type.Integer({ description: 'The size of those below `prefixes`.' }),
    more: Type.Boolean({ description: 'Whether there are more than were counted.' }),
    deletedSince: nullable(timestamp('When the deletion began, for `POST /s3/restore-deleted`; null where none did.')),
    job: nullable(Job),
  },
  {
    $id: 'Deletion',
    examples: [{ objects: 12, bytes: 48213, more: false, deletedSince: '2026-11-29T12:00:00.000Z', job: null }],
  },
)
export type Deletion = Static<typeof Deletion>

export const RestoreDeletedRequest = Type.Object(
  {
    bucket: bucketName,
    keys: Type.Optional(keys),
    prefixes: Type.Optional(prefixes),
    deletedSince: Type.Optional(instant()),
  },
  {
    ...closed,
    $id: 'RestoreDeletedRequest',
    examples: [{ bucket: 'team-files', prefixes: ['drafts/'], deletedSince: '2026-11-29T12:00:00.000Z' }],
  },
)
export type RestoreDeletedRequest = Static<typeof RestoreDeletedRequest>
