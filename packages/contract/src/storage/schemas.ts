import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, timestamp } from '../schemas.ts'

const Scope = Type.Enum(['mine', 'all'], {
  default: 'mine',
  description: '`mine`: the locations that the caller may list or read. `all`: every bucket, for administrators.',
})
export const folder = Type.String({
  maxLength: 4096,
  description: "'' for the whole bucket, or a folder that ends in '/'.",
})
const whole = (description: string) => Type.Integer({ description })

const amounts = {
  objects: Type.Integer(),
  bytes: Type.Integer(),
  oldVersions: whole('Versions that were replaced or deleted and are still kept.'),
  oldBytes: Type.Integer(),
  unfinishedUploads: Type.Integer(),
  unfinishedBytes: whole('Of their parts.'),
  deleteMarkers: Type.Integer(),
}
const exampleAmounts = {
  objects: 1204,
  bytes: 48_213_000_000,
  oldVersions: 31,
  oldBytes: 900_000_000,
  unfinishedUploads: 1,
  unfinishedBytes: 8_388_608,
  deleteMarkers: 4,
}
export const countedAt = nullable(
  timestamp('When the oldest of the inventories was begun. Null where there was none yet.'),
)

export const ScopeQuery = Type.Object({ scope: Type.Optional(Scope) }, { ...closed, $id: 'StorageScopeQuery' })

export const UsageQuery = Type.Object(
  {
    scope: Type.Optional(Scope),
    by: Type.Optional(Type.Enum(['location', 'user', 'class', 'prefix'], { default: 'location' })),
    store: Type.Optional(Type.String({ maxLength: 32 })),
    bucket: Type.Optional(bucketName),
    prefix: Type.Optional(folder),
  },
  { ...closed, $id: 'StorageUsageQuery' },
)
export type UsageQuery = Static<typeof UsageQuery>

const UsageRow = Type.Object({
  store: nullable(Type.String()),
  bucket: nullable(Type.String()),
  prefix: nullable(Type.String()),
  userId: nullable(Type.String({ description: 'Whose home it is.' })),
  userName: nullable(Type.String()),
  storageClass: nullable(Type.String()),
  ...amounts,
})

export const StorageUsage = Type.Object(
  {
    rows: Type.Array(UsageRow, { description: 'The largest first, at most 1,000.' }),
    countedAt,
  },
  {
    $id: 'StorageUsage',
    examples: [
      {
        rows: [
          {
            store: 'default',
            bucket: 'team-files',
            prefix: 'reports/',
            userId: null,
            userName: null,
            storageClass: null,
            ...exampleAmounts,
          },
        ],
        countedAt: '2026-11-29T02:00:00.000Z',
      },
    ],
  },
)
export type StorageUsage = Static<typeof StorageUsage>

const StoredObject = Type.Object({
  bucket: Type.String(),
  key: Type.String(),
  size: whole('In bytes.'),
  lastModified: timestamp('When the object was last written.'),
  storageClass: Type.String(),
})
const exampleObject = {
  bucket: 'team-files',
  key: 'videos/talk.mp4',
  size: 1_500_000_000,
  lastModified: '2024-03-01T12:00:00.000Z',
  storageClass: 'STANDARD',
}

export const StorageStats = Type.Object(
  {
    totals: Type.Object(amounts),
    byClass: Type.Array(Type.Object({ storageClass: Type.String(), objects: Type.Integer(), bytes: Type.Integer() }), {
      description: 'With old versions and unfinished uploads.',
    }),
    byLocation: Type.Array(
      Type.Object({ store: Type.String(), bucket: Type.String(), prefix: Type.String(), ...amounts }),
      { description: 'The largest first, at most 200.' },
    ),
    growth: Type.Array(
      Type.Object({ day: Type.String({ format: 'date' }), objects: Type.Integer(), bytes: Type.Integer() }),
      { description: 'Days in UTC that have an inventory.' },
    ),
    largest: Type.Array(StoredObject),
    oldest: Type.Array(StoredObject),
    neverRead: Type.Object(
      { objects: Type.Integer(), bytes: Type.Integer(), largest: Type.Array(StoredObject) },
      { description: 'Objects of which the audit log has no download. Reads by temporary credentials are not in it.' },
    ),
    duplicates: Type.Object(
      {
        objects: whole('Beyond one of each.'),
        bytes: whole('That they take.'),
        leastSize: whole('Bytes from which objects were compared.'),
        groups: Type.Array(
          Type.Object({
            bucket: Type.String(),
            etag: Type.String(),
            size: Type.Integer(),
            count: Type.Integer(),
            keys: Type.Array(Type.String(), { description: 'Some of them.' }),
          }),
        ),
      },
      { description: 'Objects with the same ETag and size. Only of whole buckets.' },
    ),
    inventories: Type.Array(
      Type.Object({
        store: Type.String(),
        bucket: Type.String(),
        source: Type.Enum(['listing', 's3-inventory']),
        countedAt: timestamp('When it was begun.'),
        difference: Type.Object(
          { objects: Type.Integer(), bytes: Type.Integer() },
          { description: 'What it found beyond what was kept before.' },
        ),
      }),
    ),
    countedAt,
  },
  {
    $id: 'StorageStats',
    examples: [
      {
        totals: exampleAmounts,
        byClass: [{ storageClass: 'STANDARD', objects: 1236, bytes: 49_121_388_608 }],
        byLocation: [{ store: 'default', bucket: 'team-files', prefix: '', ...exampleAmounts }],
        growth: [{ day: '2026-11-29', objects: 1204, bytes: 48_213_000_000 }],
        largest: [exampleObject],
        oldest: [exampleObject],
        neverRead: { objects: 900, bytes: 30_000_000_000, largest: [exampleObject] },
        duplicates: {
          objects: 1,
          bytes: 1_500_000_000,
          leastSize: 1,
          groups: [
            {
              bucket: 'team-files',
              etag: '9b2cf535f27731c974343645a3985328',
              size: 1_500_000_000,
              count: 2,
              keys: ['videos/talk.mp4', 'old/talk.mp4'],
            },
          ],
        },
        inventories: [
          {
            store: 'default',
            bucket: 'team-files',
            source: 'listing',
            countedAt: '2026-11-29T02:00:00.000Z',
            difference: { objects: 12, bytes: 480_000 },
          },
        ],
        countedAt: '2026-11-29T02:00:00.000Z',
      },
    ],
  },
)
export type StorageStats = Static<typeof StorageStats>
