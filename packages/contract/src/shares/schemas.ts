import { Type, type Static } from 'typebox'
import { bucketName, closed, instant, nullable, objectKey, storable, timestamp } from '../schemas.ts'

const GIBIBYTE = 1024 ** 3
/** Bytes that one presigned upload can have. */
const MAX_UPLOAD = 5 * GIBIBYTE

const EXAMPLE = {
  id: 'shr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  ownerId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  ownerName: 'Ada Lovelace',
  bucket: 'team-files',
  path: 'reports/2026.pdf',
  kind: 'file',
  name: '2026.pdf',
  hasPassword: true,
  expiresAt: '2026-12-24T12:00:00.000Z',
  maxUses: 10,
  uses: 3,
  maxSize: null,
  contentTypes: null,
  state: 'active',
  createdAt: '2026-11-29T12:00:00.000Z',
  lastUsedAt: '2026-11-29T13:00:00.000Z',
} as const

const contentTypes = Type.Array(
  Type.String({ maxLength: 100, pattern: '^[a-z0-9.+-]+/([a-z0-9.+-]+|\\*)$', examples: ['image/*'] }),
  { minItems: 1, maxItems: 20 },
)
const kind = Type.Enum(['file', 'folder', 'drop-box'])

export const NewShare = Type.Object(
  {
    bucket: bucketName,
    key: Type.Optional({ ...objectKey, description: 'The file. Either this or `prefix`.' }),
    prefix: Type.Optional(
      Type.String({ maxLength: 4096, description: "The folder: '' or ending in '/'. Either this or `key`." }),
    ),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        ...storable,
        description: "What visitors read. Default: the file's or folder's own name.",
      }),
    ),
    expiresAt: Type.Optional(nullable({ ...instant(), description: 'When the link ends. Null or absent: never.' })),
    password: Type.Optional(Type.String({ minLength: 4, maxLength: 1024 })),
    maxDownloads: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Of a folder, downloads of single files.' }),
    ),
    upload: Type.Optional(
      Type.Boolean({
        description: 'With `prefix`: a drop box, into which visitors upload and in which they see nothing.',
      }),
    ),
    maxUploads: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000, default: 1000, description: 'Of a drop box.' }),
    ),
    maxSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_UPLOAD,
        default: GIBIBYTE,
        description: 'Of a drop box: bytes of one file at most.',
      }),
    ),
    contentTypes: Type.Optional({
      ...contentTypes,
      description: 'Of a drop box: the media types that it takes. `*` stands for any subtype.',
    }),
  },
  {
    ...closed,
    $id: 'NewShare',
    examples: [
      { bucket: 'team-files', key: 'reports/2026.pdf', expiresAt: '2026-12-24T12:00:00Z', maxDownloads: 10 },
      { bucket: 'team-files', prefix: 'inbox/', upload: true, contentTypes: ['image/*', 'application/pdf'] },
    ],
  },
)
export type NewShare = Static<typeof NewShare>

const share = {
  id: Type.String(),
  ownerId: Type.String({ description: 'Whose permissions decide at every use.' }),
  ownerName: Type.String(),
  bucket: Type.String(),
  path: Type.String({ description: "Of a file its key, else '' or a folder that ends in '/'." }),
  kind,
  name: Type.String({ description: 'What visitors read.' }),
  hasPassword: Type.Boolean(),
  expiresAt: nullable(timestamp('When the link ends.')),
  maxUses: nullable(Type.Integer({ description: 'Downloads at most, or of a drop box uploads.' })),
  uses: Type.Integer({ description: 'Downloads or uploads that were handed out.' }),
  maxSize: nullable(Type.Integer({ description: 'Of a drop box: bytes of one file at most.' })),
  contentTypes: nullable(Type.Array(Type.String())),
  state: Type.Enum(['active', 'expired', 'revoked', 'used-up', 'no-permission'], {
    description: '`no-permission`: the owner may not do any more what the link is for.',
  }),
  createdAt: timestamp('When it was created.'),
  lastUsedAt: nullable(timestamp('The last download or upload.')),
}

export const Share = Type.Object(share, { $id: 'Share', examples: [EXAMPLE] })
export type Share = Static<typeof Share>

export const CreatedShare = Type.Object(
  {
    ...share,
    token: Type.String({ description: 'It is shown this once.' }),
    url: Type.String({ description: 'The page for visitors. Whoever has it can use the link.' }),
  },
  {
    $id: 'CreatedShare',
    examples: [{ ...EXAMPLE, token: 'skys_4fXo2cP0aWk1d9', url: 'https://files.example.com/s/skys_4fXo2cP0aWk1d9' }],
  },
)
export type CreatedShare = Static<typeof CreatedShare>

export const Shares = Type.Object(
  { shares: Type.Array(Share), nextCursor: nullable(Type.String()) },
  { $id: 'Shares', examples: [{ shares: [EXAMPLE], nextCursor: null }] },
)
export type Shares = Static<typeof Shares>

export const Sharing = Type.Object(
  { enabled: Type.Boolean({ description: 'Whether links work and can be created.' }) },
  { ...closed, $id: 'Sharing', examples: [{ enabled: true }] },
)
export type Sharing = Static<typeof Sharing>

export const TokenParams = Type.Object({ token: Type.String({ maxLength: 128 }) }, { $id: 'ShareTokenParams' })

const pass = Type.Optional(
  Type.String({ maxLength: 256, description: 'Of a link with a password: from `POST /shared/{token}/unlock`.' }),
)

const shared = {
  passwordRequired: Type.Boolean({ description: 'Then nothing else is told before `POST /shared/{token}/unlock`.' }),
  kind: nullable(kind),
  name: nullable(Type.String()),
  size: nullable(Type.Integer({ description: 'Of a file, in bytes.' })),
  expiresAt: nullable(timestamp('When the link ends.')),
  maxSize: nullable(Type.Integer({ description: 'Of a drop box: bytes of one file at most.' })),
  contentTypes: nullable(Type.Array(Type.String())),
}
const SHARED = {
  passwordRequired: false,
  kind: 'file',
  name: '2026.pdf',
  size: 48_213,
  expiresAt: '2026-12-24T12:00:00.000Z',
  maxSize: null,
  contentTypes: null,
} as const

export const SharedLink = Type.Object(shared, { $id: 'SharedLink', examples: [SHARED] })
export type SharedLink = Static<typeof SharedLink>

export const ShareUnlock = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: 1024 }) },
  { ...closed, $id: 'ShareUnlock', examples: [{ password: 'seven brave turnips' }] },
)
export type ShareUnlock = Static<typeof ShareUnlock>

export const UnlockedShare = Type.Object(
  { ...shared, pass: Type.String({ description: 'Send it with the other requests. It holds for an hour.' }) },
  { $id: 'UnlockedShare', examples: [{ ...SHARED, pass: '1796040000.x2v9c4t0m8q3n5p6r7s8' }] },
)
export type UnlockedShare = Static<typeof UnlockedShare>

export const SharedListing = Type.Object(
  {
    pass,
    folder: Type.Optional(
      Type.String({ maxLength: 4096, description: "Below the shared folder; '' or ending in '/'." }),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { ...closed, $id: 'SharedListing', examples: [{ folder: 'pictures/' }] },
)
export type SharedListing = Static<typeof SharedListing>

export const SharedFolder = Type.Object(
  {
    files: Type.Array(
      Type.Object({
        path: Type.String({ description: 'Below the shared folder.' }),
        size: Type.Integer({ description: 'In bytes.' }),
        lastModified: timestamp('When the file was last written.'),
      }),
    ),
    folders: Type.Array(Type.String({ description: 'Below the shared folder, ending in `/`.' })),
    nextCursor: nullable(Type.String()),
  },
  {
    $id: 'SharedFolder',
    examples: [
      {
        files: [{ path: 'pictures/1.jpg', size: 48_213, lastModified: '2026-11-21T12:00:00.000Z' }],
        folders: ['pictures/2025/'],
        nextCursor: null,
      },
    ],
  },
)
export type SharedFolder = Static<typeof SharedFolder>

export const SharedDownload = Type.Object(
  {
    pass,
    path: Type.Optional(Type.String({ maxLength: 4096, description: 'Of a shared folder: the file below it.' })),
  },
  { ...closed, $id: 'SharedDownload', examples: [{ path: 'pictures/1.jpg' }] },
)
export type SharedDownload = Static<typeof SharedDownload>

export const SharedUpload = Type.Object(
  {
    pass,
    name: Type.String({ minLength: 1, maxLength: 255, description: "The file's name, without folders." }),
    size: Type.Integer({ minimum: 0, maximum: MAX_UPLOAD, description: 'In bytes. Signed: the upload must have it.' }),
    contentType: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'Signed: the upload must send it.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'SharedUpload',
    examples: [{ name: 'photo.jpg', size: 482_130, contentType: 'image/jpeg' }],
  },
)
export type SharedUpload = Static<typeof SharedUpload>
