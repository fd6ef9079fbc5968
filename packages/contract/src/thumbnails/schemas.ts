import { Type, type Static } from 'typebox'
import { Problem } from '../problem.ts'
import { bucketName, closed, objectKey, timestamp } from '../schemas.ts'

export const ThumbnailRefusal = Type.Enum(
  ['unsupported-format', 'too-large', 'too-many-pixels', 'too-slow', 'broken'],
  {
    description:
      '`unsupported-format`: it is no JPEG, PNG, GIF, WebP, AVIF or TIFF. `too-large`: it has more than 32 MiB. `too-many-pixels`: it has more than 50 million pixels. `too-slow`: decoding took more than 15 seconds. `broken`: it cannot be decoded.',
  },
)
export type ThumbnailRefusal = Static<typeof ThumbnailRefusal>

export const ThumbnailsRequest = Type.Object(
  {
    bucket: bucketName,
    objects: Type.Array(
      Type.Object(
        {
          key: objectKey,
          etag: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 128,
              description: 'From the list. With it, a thumbnail that is there costs no request to the store.',
            }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  {
    ...closed,
    $id: 'ThumbnailsRequest',
    examples: [{ bucket: 'team-files', objects: [{ key: 'photos/1.jpg', etag: '9b2cf535f27731c974343645a3985328' }] }],
  },
)
export type ThumbnailsRequest = Static<typeof ThumbnailsRequest>

export const Thumbnail = Type.Union([
  Type.Object({
    state: Type.Literal('ready'),
    url: Type.String({ description: 'A WebP of at most 512 pixels a side.' }),
    width: Type.Integer({ description: 'In pixels.' }),
    height: Type.Integer(),
    expiresAt: timestamp('When the URL expires.'),
  }),
  Type.Object({ state: Type.Literal('pending', { description: 'It is being made. Ask again in a second.' }) }),
  Type.Object({ state: Type.Literal('refused'), reason: ThumbnailRefusal }),
  Type.Object({ problem: Problem }),
])
export type Thumbnail = Static<typeof Thumbnail>

export const Thumbnails = Type.Object(
  { thumbnails: Type.Array(Thumbnail, { description: 'One for each object, in the same order.' }) },
  {
    $id: 'Thumbnails',
    examples: [
      {
        thumbnails: [
          {
            state: 'ready',
            url: 'https://s3.example.com/team-files/.skycrate/thumbnails/….webp?X-Amz-Signature=…',
            width: 512,
            height: 341,
            expiresAt: '2026-11-21T13:00:00.000Z',
          },
          { state: 'pending' },
          { state: 'refused', reason: 'unsupported-format' },
        ],
      },
    ],
  },
)
export type Thumbnails = Static<typeof Thumbnails>
