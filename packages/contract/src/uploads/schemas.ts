import { Type, type Static } from 'typebox'
import { PresignedUrl, PresignRequest } from '../objects/schemas.ts'
import { Problem } from '../problem.ts'
import { bucketName, closed, nullable, objectKey, timestamp } from '../schemas.ts'

const expiresIn = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 604_800, default: 3600, description: 'Lifetime in seconds, at most 7 days.' }),
)
const contentType = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[\\x20-\\x7e]+$',
    description: 'Signed: the upload must send it.',
  }),
)
const uploadId = Type.String({ minLength: 1, maxLength: 2048, description: 'From `POST /s3/multipart`.' })
const partNumber = Type.Integer({ minimum: 1, maximum: 10_000 })

export const PresignBatch = Type.Object(
  { requests: Type.Array(PresignRequest, { minItems: 1, maxItems: 1000 }) },
  {
    ...closed,
    $id: 'PresignBatch',
    examples: [{ requests: [{ bucket: 'team-files', key: 'reports/2026.pdf', operation: 'get' }] }],
  },
)
export type PresignBatch = Static<typeof PresignBatch>

export const PresignBatchResult = Type.Object(
  {
    results: Type.Array(Type.Union([PresignedUrl, Type.Object({ problem: Problem })]), {
      description: 'One result for each request, in the same order: a URL or a problem.',
    }),
  },
  {
    $id: 'PresignBatchResult',
    examples: [
      {
        results: [
          {
            url: 'https://s3.example.com/team-files/reports/2026.pdf?X-Amz-Signature=…',
            method: 'GET',
            headers: {},
            expiresAt: '2026-11-21T13:00:00.000Z',
          },
          {
            problem: {
              type: '/docs/errors/forbidden',
              title: 'Permission denied',
              status: 403,
              code: 'forbidden',
              requestId: 'req_01kaj7x2v9c4t0m8q3n5p6r7s8',
            },
          },
        ],
      },
    ],
  },
)
export type PresignBatchResult = Static<typeof PresignBatchResult>

export const PostRequest = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    maxSize: Type.Integer({ minimum: 0, maximum: 5_368_709_120, description: 'Largest size of the file, in bytes.' }),
    contentType,
    expiresIn,
  },
  {
    ...closed,
    $id: 'PostRequest',
    examples: [{ bucket: 'team-files', key: 'photos/1.jpg', maxSize: 10_000_000, contentType: 'image/jpeg' }],
  },
)
export type PostRequest = Static<typeof PostRequest>

export const PostForm = Type.Object(
  {
    url: Type.String({ description: 'Where the form is posted, as `multipart/form-data`.' }),
    fields: Type.Record(Type.String(), Type.String(), {
      description: 'Fields to send before the file. The file comes last, in a field named `file`.',
    }),
    expiresAt: timestamp('When the form expires.'),
  },
  {
    $id: 'PostForm',
    examples: [
      {
        url: 'https://s3.example.com/team-files',
        fields: { key: 'photos/1.jpg', policy: '…', 'x-amz-signature': '…' },
        expiresAt: '2026-11-21T13:00:00.000Z',
      },
    ],
  },
)
export type PostForm = Static<typeof PostForm>

export const NewUpload = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    contentType: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' })),
    size: Type.Integer({ minimum: 1, maximum: 5_497_558_138_880, description: 'Size of the whole file, in bytes.' }),
    storageClass: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'One that `GET /storage/classes` names. Default: STANDARD.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'NewUpload',
    examples: [{ bucket: 'team-files', key: 'videos/talk.mp4', contentType: 'video/mp4', size: 1_500_000_000 }],
  },
)
export type NewUpload = Static<typeof NewUpload>

export const Upload = Type.Object(
  {
    uploadId: Type.String(),
    partSize: Type.Integer({ description: 'Size of every part but the last, in bytes.' }),
    expiresAt: timestamp('When SkyCrate no longer signs parts of this upload.'),
  },
  {
    $id: 'Upload',
    examples: [{ uploadId: 'k3J…', partSize: 8_388_608, expiresAt: '2026-11-28T12:00:00.000Z' }],
  },
)
export type Upload = Static<typeof Upload>

const ofUpload = { bucket: bucketName, key: objectKey, uploadId }

export const PartsRequest = Type.Object(
  { ...ofUpload, partNumbers: Type.Array(partNumber, { minItems: 1, maxItems: 1000, uniqueItems: true }), expiresIn },
  {
    ...closed,
    $id: 'PartsRequest',
    examples: [{ bucket: 'team-files', key: 'videos/talk.mp4', uploadId: 'k3J…', partNumbers: [1, 2, 3] }],
  },
)
export type PartsRequest = Static<typeof PartsRequest>

export const SignedParts = Type.Object(
  {
    parts: Type.Array(
      Type.Object({
        partNumber: Type.Integer(),
        url: Type.String(),
        headers: Type.Record(Type.String(), Type.String(), { description: 'Send exactly these headers.' }),
      }),
    ),
    expiresAt: timestamp('When the URLs expire.'),
  },
  {
    $id: 'SignedParts',
    examples: [
      {
        parts: [
          { partNumber: 1, url: 'https://s3.example.com/…?partNumber=1', headers: { 'content-length': '8388608' } },
        ],
        expiresAt: '2026-11-21T13:00:00.000Z',
      },
    ],
  },
)
export type SignedParts = Static<typeof SignedParts>

export const UploadQuery = Type.Object(ofUpload, { ...closed, $id: 'UploadQuery' })

export const UploadedParts = Type.Object(
  {
    parts: Type.Array(
      Type.Object({
        partNumber: Type.Integer(),
        etag: Type.String(),
        size: Type.Integer({ description: 'In bytes.' }),
      }),
      { description: 'The parts that the store has, by number.' },
    ),
    partSize: Type.Integer({ description: 'Size of every part but the last, in bytes.' }),
  },
  {
    $id: 'UploadedParts',
    examples: [
      {
        parts: [{ partNumber: 1, etag: '"9b2cf535f27731c974343645a3985328"', size: 8_388_608 }],
        partSize: 8_388_608,
      },
    ],
  },
)
export type UploadedParts = Static<typeof UploadedParts>

export const Completion = Type.Object(
  {
    ...ofUpload,
    parts: Type.Array(Type.Object({ partNumber, etag: Type.String({ minLength: 1, maxLength: 128 }) }, closed), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Every part, by number.',
    }),
    ifNoneMatch: Type.Optional(
      Type.Literal('*', { description: 'Refuses to replace an object that has this key, where the store can.' }),
    ),
  },
  {
    ...closed,
    $id: 'Completion',
    examples: [
      {
        bucket: 'team-files',
        key: 'videos/talk.mp4',
        uploadId: 'k3J…',
        parts: [{ partNumber: 1, etag: '"9b2cf535f27731c974343645a3985328"' }],
      },
    ],
  },
)
export type Completion = Static<typeof Completion>

export const Completed = Type.Object(
  {
    etag: Type.String(),
    versionId: Type.Optional(nullable(Type.String())),
  },
  { $id: 'Completed', examples: [{ etag: '"9b2cf535f27731c974343645a3985328-3"', versionId: 'f3k…' }] },
)
export type Completed = Static<typeof Completed>

export const Confirmation = Type.Object(
  {
    bucket: bucketName,
    key: objectKey,
    size: Type.Integer({ minimum: 0, description: 'In bytes, of what was uploaded.' }),
    checksumSha256: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9+/]{43}=$',
        description: 'SHA-256 of the content in base64, if the upload was signed with it.',
      }),
    ),
  },
  { ...closed, $id: 'Confirmation', examples: [{ bucket: 'team-files', key: 'reports/2026.pdf', size: 48213 }] },
)
export type Confirmation = Static<typeof Confirmation>

export const Confirmed = Type.Object(
  {
    etag: Type.String({ description: 'Of the object that the store has now.' }),
    versionId: nullable(Type.String({ description: 'Null where the bucket keeps no versions.' })),
    lastModified: timestamp('When it was written.'),
  },
  {
    $id: 'Confirmed',
    examples: [
      { etag: '9b2cf535f27731c974343645a3985328', versionId: 'f3k…', lastModified: '2026-11-21T12:00:00.000Z' },
    ],
  },
)
export type Confirmed = Static<typeof Confirmed>
