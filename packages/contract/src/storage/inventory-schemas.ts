import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, timestamp } from '../schemas.ts'

export const InventoryRequest = Type.Object(
  {
    store: Type.Optional(Type.String({ maxLength: 32, default: 'default' })),
    bucket: bucketName,
    from: Type.Optional(
      Type.Enum(['listing', 's3-inventory'], {
        description: 'What is counted. When absent: the inventory files where the bucket has some, or else a listing.',
      }),
    ),
  },
  { ...closed, $id: 'InventoryRequest', examples: [{ bucket: 'team-files' }] },
)
export type InventoryRequest = Static<typeof InventoryRequest>

const InventoryLocation = Type.Object(
  {
    bucket: bucketName,
    prefix: Type.String({
      minLength: 1,
      maxLength: 1024,
      description: "The folder of the inventory: the destination's prefix, the bucket and the name of the inventory.",
    }),
  },
  { ...closed, description: 'Where S3 Inventory delivers, in the same store.' },
)

export const InventoryFilesChange = Type.Object(
  { location: nullable(InventoryLocation) },
  {
    ...closed,
    $id: 'InventoryFilesChange',
    description: 'Null: the bucket is listed again.',
    examples: [{ location: { bucket: 'inventories', prefix: 'daily/team-files/all/' } }],
  },
)
export type InventoryFilesChange = Static<typeof InventoryFilesChange>

export const InventoryFiles = Type.Object(
  {
    location: nullable(InventoryLocation),
    latest: nullable(
      Type.Object({
        manifest: Type.String({ description: 'Its key.' }),
        createdAt: timestamp('Of which time the inventory tells.'),
        format: Type.Enum(['CSV', 'Parquet']),
        files: Type.Integer(),
        bytes: Type.Integer({ description: 'Of the files.' }),
      }),
    ),
    problem: nullable(Type.String({ description: 'Why the latest inventory cannot be read.' })),
    readManifest: nullable(Type.String({ description: 'The key of the manifest that was counted last.' })),
    counted: nullable(
      Type.Object(
        {
          source: Type.Enum(['listing', 's3-inventory']),
          countedAt: timestamp('Of which time the count tells.'),
          difference: Type.Object(
            { objects: Type.Integer(), bytes: Type.Integer() },
            { description: 'What it found beyond the count before.' },
          ),
        },
        { description: 'The last count of the bucket, from files or a listing.' },
      ),
    ),
  },
  {
    $id: 'InventoryFiles',
    examples: [
      {
        location: { bucket: 'inventories', prefix: 'daily/team-files/all/' },
        latest: {
          manifest: 'daily/team-files/all/2026-11-29T01-00Z/manifest.json',
          createdAt: '2026-11-29T01:00:00.000Z',
          format: 'Parquet',
          files: 12,
          bytes: 913_000_000,
        },
        problem: null,
        readManifest: 'daily/team-files/all/2026-11-28T01-00Z/manifest.json',
        counted: {
          source: 's3-inventory',
          countedAt: '2026-11-28T01:00:00.000Z',
          difference: { objects: 12, bytes: 480_000 },
        },
      },
    ],
  },
)
export type InventoryFiles = Static<typeof InventoryFiles>

export const OwnCounts = Type.Object(
  {
    buckets: Type.Array(
      Type.Object({
        store: Type.String(),
        bucket: bucketName,
        state: Type.Enum(['counting', 'recent', 'daily', 'later'], {
          description:
            '`counting`: a count is under way. `recent`: the last one is too new. `daily`: the bucket has more than 100,000 objects or inventory files, and is counted once a day. `later`: more than 20 buckets were due.',
        }),
        countedAt: nullable(timestamp('Of which time the last count tells.')),
      }),
    ),
    nextAt: nullable(timestamp('When the first of the buckets that are too new may be counted again.')),
  },
  {
    $id: 'OwnCounts',
    examples: [
      {
        buckets: [
          { store: 'default', bucket: 'team-files', state: 'counting', countedAt: '2026-11-29T02:00:00.000Z' },
          { store: 'default', bucket: 'plans', state: 'recent', countedAt: '2026-11-29T11:52:00.000Z' },
        ],
        nextAt: '2026-11-29T12:07:00.000Z',
      },
    ],
  },
)
export type OwnCounts = Static<typeof OwnCounts>
