import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, objectKey, storable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  id: 'fil_01kaj7x2v9c4t0m8q3n5p6r7s8',
  bucket: 'skycrate-library',
  key: 'private/usr_01kaj7x2v9c4t0m8q3n5p6r7s8/photo.jpg',
  filename: 'photo.jpg',
  size: 482_130,
  contentType: 'image/jpeg',
  width: 1600,
  height: 1200,
  metadata: { album: 'summer' },
  ownerId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  createdAt: '2026-11-29T12:00:00.000Z',
  updatedAt: '2026-11-29T12:00:00.000Z',
} as const

const filename = Type.String({ minLength: 1, maxLength: 1024, ...storable })
const metadata = Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 1024, ...storable }), {
  maxProperties: 50,
  description: 'Anything that the app wants to keep with the file: at most 50 texts.',
})

export const FileRecord = Type.Object(
  {
    id: Type.String(),
    bucket: Type.String(),
    key: Type.String(),
    filename: Type.String({ description: 'The name that people see.' }),
    size: Type.Integer({ description: 'In bytes.' }),
    contentType: nullable(Type.String()),
    width: nullable(Type.Integer({ description: 'In pixels, as the image is shown. Null for what is no image.' })),
    height: nullable(Type.Integer()),
    metadata: Type.Record(Type.String(), Type.String()),
    ownerId: Type.String(),
    createdAt: timestamp('When the record was created.'),
    updatedAt: timestamp('When it was changed.'),
  },
  { $id: 'FileRecord', examples: [EXAMPLE] },
)
export type FileRecord = Static<typeof FileRecord>

export const NewFile = Type.Object(
  { bucket: bucketName, key: objectKey, filename, metadata: Type.Optional(metadata) },
  {
    ...closed,
    $id: 'NewFile',
    examples: [{ bucket: EXAMPLE.bucket, key: EXAMPLE.key, filename: EXAMPLE.filename }],
  },
)
export type NewFile = Static<typeof NewFile>

export const FileChange = Type.Object(
  { filename: Type.Optional(filename), metadata: Type.Optional(metadata) },
  { ...closed, $id: 'FileChange', examples: [{ filename: 'beach.jpg' }] },
)
export type FileChange = Static<typeof FileChange>

export const FileRecords = Type.Object(
  { files: Type.Array(FileRecord), nextCursor: nullable(Type.String()) },
  { $id: 'FileRecords', examples: [{ files: [EXAMPLE], nextCursor: null }] },
)
export type FileRecords = Static<typeof FileRecords>

export const ImageRecords = Type.Object(
  { images: Type.Array(FileRecord), nextCursor: nullable(Type.String()) },
  { $id: 'ImageRecords', examples: [{ images: [EXAMPLE], nextCursor: null }] },
)

export const FilesQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    bucket: Type.Optional(bucketName),
  },
  { ...closed, $id: 'FilesQuery' },
)
