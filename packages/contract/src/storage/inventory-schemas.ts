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
      },
    ],
  },
)
export type InventoryFiles = Static<typeof InventoryFiles>
