import { Type, type Static } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

export const ObjectTag = Type.Object(
  {
    key: Type.String({ minLength: 1, maxLength: 128 }),
    value: Type.String({ maxLength: 256 }),
  },
  closed,
)
export type ObjectTag = Static<typeof ObjectTag>

export const NewTags = Type.Object(
  {
    tags: Type.Array(ObjectTag, {
      maxItems: 10,
      description:
        'All tags that the object is to have; others go. Letters, digits, spaces and `_ . : / = + - @`; each key once, and none that begins with `aws:`.',
    }),
    expected: Type.Optional(
      Type.Array(ObjectTag, {
        maxItems: 10,
        description:
          'The tags that you have read. Where the object has others by now, nothing is changed. Requires read, too. Absent: the last change wins.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'NewTags',
    examples: [
      { tags: [{ key: 'project', value: 'apollo' }] },
      { tags: [{ key: 'project', value: 'apollo' }], expected: [] },
    ],
  },
)
export type NewTags = Static<typeof NewTags>

export const ObjectMetadata = Type.Object(
  {
    size: Type.Integer({ description: 'In bytes.' }),
    etag: Type.String(),
    lastModified: timestamp('When the object was last written.'),
    storageClass: Type.String(),
    encryption: nullable(Type.String({ description: 'At the store, such as `AES256`; null where it says none.' })),
    headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
      description:
        'What the store sends with the object: `content-type`, `cache-control`, `content-disposition` and the like.',
    }),
    metadata: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
      description: 'What its uploader said of it, without `x-amz-meta-`.',
    }),
    tags: nullable(Type.Array(ObjectTag, { description: 'By key. Null where the store has no tags.' })),
  },
  {
    $id: 'ObjectMetadata',
    examples: [
      {
        size: 48213,
        etag: '9b2cf535f27731c974343645a3985328',
        lastModified: '2026-11-21T12:00:00.000Z',
        storageClass: 'STANDARD',
        encryption: 'AES256',
        headers: [{ name: 'content-type', value: 'application/pdf' }],
        metadata: [{ name: 'author', value: 'ada' }],
        tags: [{ key: 'project', value: 'apollo' }],
      },
    ],
  },
)
export type ObjectMetadata = Static<typeof ObjectMetadata>

export const ObjectTags = Type.Object(
  { tags: Type.Array(ObjectTag, { description: 'By key.' }) },
  { $id: 'ObjectTags', examples: [{ tags: [{ key: 'project', value: 'apollo' }] }] },
)
export type ObjectTags = Static<typeof ObjectTags>
