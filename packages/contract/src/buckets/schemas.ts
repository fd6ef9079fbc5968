import { Type, type Static } from 'typebox'
import { Delivery } from '../delivery/schemas.ts'
import { Action, bucketName, closed, nullable, storable, timestamp } from '../schemas.ts'

const storeId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$', maxLength: 32 })
const count = (description: string) => Type.Integer({ minimum: 0, description })

export const BucketKind = Type.Enum(['home', 'library', 'created', 'registered'])
export const BucketState = Type.Enum([
  'planned',
  'creating',
  'created',
  'ready',
  'collided',
  'failed',
  'deleting',
  'deleted',
])

export const Aim = Type.Enum([
  'no-public-access',
  'encrypted',
  'owner-only',
  'versioned',
  'cors',
  'lifecycle',
  'tagged',
  'tls-only',
])
export type Aim = Static<typeof Aim>

const contents = {
  objects: count('Current objects.'),
  bytes: count('Size of the current objects, in bytes.'),
  oldVersions: count('Replaced or deleted versions that are still kept.'),
  oldBytes: count('Size of the old versions, in bytes.'),
  deleteMarkers: count('Markers of deleted objects.'),
  unfinishedUploads: count('Multipart uploads that have not been completed.'),
  countedAt: timestamp('When it was counted.'),
}

export const BucketContents = Type.Object(contents)
export type BucketContents = Static<typeof BucketContents>

const summary = {
  store: Type.String(),
  name: Type.String(),
  kind: BucketKind,
  region: nullable(Type.String({ description: 'Null while it is not known.' })),
  state: BucketState,
  adopted: Type.Boolean({ description: 'Whether it existed before SkyCrate knew it.' }),
  userId: nullable(Type.String({ description: 'The user whose home it was created for.' })),
  userName: nullable(Type.String({ description: "That user's name or e-mail address." })),
  contents: nullable(BucketContents),
  createdAt: timestamp('When SkyCrate recorded it.'),
  updatedAt: timestamp('When the record last changed.'),
}

const exampleSummary = {
  store: 'default',
  name: 'team-files',
  kind: 'registered' as const,
  region: 'eu-central-1',
  state: 'ready' as const,
  adopted: true,
  userId: null,
  userName: null,
  contents: {
    objects: 1200,
    bytes: 73400320,
    oldVersions: 80,
    oldBytes: 5242880,
    deleteMarkers: 12,
    unfinishedUploads: 0,
    countedAt: '2026-11-29T12:00:00.000Z',
  },
  createdAt: '2026-11-21T12:00:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
}

export const BucketSummary = Type.Object(summary, { $id: 'BucketSummary', examples: [exampleSummary] })
export type BucketSummary = Static<typeof BucketSummary>

export const BucketSummaries = Type.Object(
  { buckets: Type.Array(BucketSummary), nextCursor: nullable(Type.String()) },
  { $id: 'BucketSummaries', examples: [{ buckets: [exampleSummary], nextCursor: null }] },
)
export type BucketSummaries = Static<typeof BucketSummaries>

export const BucketsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 256, ...storable })),
    store: Type.Optional(storeId),
    kind: Type.Optional(BucketKind),
    state: Type.Optional(BucketState),
    search: Type.Optional(Type.String({ maxLength: 255, ...storable, description: 'Part of the name.' })),
  },
  { ...closed, $id: 'BucketsQuery' },
)
export type BucketsQuery = Static<typeof BucketsQuery>

const retentionDays = nullable(
  Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description: 'Days for which old versions are kept. Null: the default.',
  }),
)

export const NewBucket = Type.Object(
  {
    store: Type.Optional(storeId),
    name: bucketName,
    mode: Type.Enum(['register', 'create'], {
      description: '`register`: the bucket exists, and its settings stay as they are. `create`: with every aim.',
    }),
    region: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$', description: 'For create.' }),
    ),
    retentionDays: Type.Optional(retentionDays),
  },
  {
    ...closed,
    $id: 'NewBucket',
    examples: [
      { name: 'team-files', mode: 'register' },
      { name: 'project-x', mode: 'create', region: 'eu-central-1', retentionDays: 90 },
    ],
  },
)
export type NewBucket = Static<typeof NewBucket>

export const BucketCheckRequest = Type.Object(
  { store: Type.Optional(storeId), name: bucketName },
  { ...closed, $id: 'BucketCheckRequest', examples: [{ name: 'team-files' }] },
)
export type BucketCheckRequest = Static<typeof BucketCheckRequest>

export const BucketCheck = Type.Object(
  {
    store: Type.String(),
    name: Type.String(),
    presence: Type.Enum(['owned', 'forbidden', 'absent'], {
      description: '`owned`: SkyCrate reaches it. `forbidden`: it exists, and the store denies access to it.',
    }),
    region: nullable(Type.String()),
    known: Type.Boolean({ description: 'Whether it is in the list of buckets already.' }),
    may: Type.Array(
      Type.Object({
        what: Type.Enum(['list-objects', 'list-versions', 'read-settings']),
        allowed: Type.Boolean(),
        reason: nullable(Type.String()),
      }),
      { description: 'What the keys of SkyCrate may do there. Nothing is written to find out.' },
    ),
  },
  {
    $id: 'BucketCheck',
    examples: [
      {
        store: 'default',
        name: 'team-files',
        presence: 'owned',
        region: 'eu-central-1',
        known: false,
        may: [{ what: 'list-objects', allowed: true, reason: null }],
      },
    ],
  },
)
export type BucketCheck = Static<typeof BucketCheck>

const Setting = Type.Object({
  aim: Aim,
  state: Type.Enum(['met', 'unmet', 'unsupported', 'unknown']),
  found: nullable(Type.String({ description: 'What the store has now.' })),
  reason: nullable(Type.String({ description: 'Why the aim is not met.' })),
})

const Step = Type.Object({
  step: Type.String(),
  outcome: Type.Enum(['applied', 'unsupported', 'failed']),
  reason: nullable(Type.String()),
  at: timestamp('When it was done.'),
})

const exampleDetail = {
  ...exampleSummary,
  retentionDays: null,
  defaultRetentionDays: 30,
  delivery: null,
  accelerated: false,
  steps: [],
  settings: [
    { aim: 'encrypted' as const, state: 'met' as const, found: 'AES256', reason: null },
    { aim: 'versioned' as const, state: 'unmet' as const, found: 'Suspended', reason: 'It is set to something else.' },
  ],
  permissions: [
    {
      id: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8',
      kind: 'group' as const,
      principal: 'editors',
      principalName: 'editors',
      prefix: 'reports/',
      actions: ['read' as const, 'list' as const],
      expiresAt: null,
    },
  ],
  permissionsTotal: 1,
  homes: [],
  homesTotal: 0,
  jobId: null,
}

export const BucketDetail = Type.Object(
  {
    ...summary,
    retentionDays,
    defaultRetentionDays: Type.Integer(),
    delivery: nullable(Delivery),
    accelerated: Type.Boolean({ description: 'Whether presigned URLs lead to S3 Transfer Acceleration.' }),
    steps: Type.Array(Step, { description: 'The provisioning steps done so far, in order.' }),
    settings: Type.Array(Setting, { description: 'The settings at the store, compared with the aims.' }),
    permissions: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.Enum(['user', 'group', 'everyone', 'guest']),
        principal: Type.String({ description: "A user's id or a group's name." }),
        principalName: Type.String(),
        prefix: Type.String(),
        actions: Type.Array(Action),
        expiresAt: nullable(timestamp('When it expires.')),
      }),
      { description: 'At most 200 of the permissions on this bucket.' },
    ),
    permissionsTotal: count('All permissions on this bucket.'),
    homes: Type.Array(
      Type.Object({ userId: Type.String(), userName: Type.String(), prefix: Type.String(), state: Type.String() }),
      { description: 'At most 200 of the homes in this bucket.' },
    ),
    homesTotal: count('All homes in this bucket.'),
    jobId: nullable(Type.String({ description: 'The latest job that created, counted or deleted it.' })),
  },
  { $id: 'BucketDetail', examples: [exampleDetail] },
)
export type BucketDetail = Static<typeof BucketDetail>

export const BucketChange = Type.Object(
  {
    retentionDays,
    delivery: Type.Optional(nullable(Delivery)),
    accelerated: Type.Optional(
      Type.Boolean({
        description:
          'Whether presigned URLs lead to S3 Transfer Acceleration, which has to be enabled for the bucket at AWS. Only for Amazon S3, and names without dots. As it was when absent.',
      }),
    ),
    apply: Type.Optional(
      Type.Array(Aim, {
        uniqueItems: true,
        description: 'Aims to set at the store now. Only these are changed there.',
      }),
    ),
  },
  { ...closed, $id: 'BucketChange', examples: [{ retentionDays: 90, apply: ['versioned', 'lifecycle'] }] },
)
export type BucketChange = Static<typeof BucketChange>

export const StoreBucketParams = Type.Object({ store: storeId, name: bucketName }, { $id: 'StoreBucketParams' })

export const BucketDeletionQuery = Type.Object(
  {
    confirm: Type.Optional(Type.String({ maxLength: 255, description: 'The name of the bucket, typed once more.' })),
    contents: Type.Optional(
      Type.Enum(['true', 'false'], { default: 'false', description: 'Delete everything in it, too.' }),
    ),
    forget: Type.Optional(
      Type.Enum(['true', 'false'], {
        default: 'false',
        description: 'Only delete the record and the permissions; the bucket stays as it is.',
      }),
    ),
  },
  { ...closed, $id: 'BucketDeletionQuery' },
)
export type BucketDeletionQuery = Static<typeof BucketDeletionQuery>

export const BucketDeletion = Type.Object(
  {
    state: Type.Enum(['deleted', 'deleting', 'forgotten']),
    jobId: nullable(Type.String({ description: 'The job that deletes the contents.' })),
  },
  { $id: 'BucketDeletion', examples: [{ state: 'deleting', jobId: 'job_01kaj7x2v9c4t0m8q3n5p6r7s8' }] },
)
export type BucketDeletion = Static<typeof BucketDeletion>
