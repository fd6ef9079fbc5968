import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, objectKey, timestamp } from '../schemas.ts'

const Scope = Type.Enum(['mine', 'all'], {
  default: 'mine',
  description: '`mine`: the locations that the caller may list or read. `all`: every bucket, for administrators.',
})
const prefix = Type.String({ maxLength: 4096, description: "'' for the whole bucket, or a folder that ends in '/'." })
const money = (description: string) => Type.Number({ description: `${description} In the currency of the prices.` })
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
const countedAt = nullable(timestamp('When the oldest of the inventories was begun. Null where there was none yet.'))

export const ScopeQuery = Type.Object({ scope: Type.Optional(Scope) }, { ...closed, $id: 'StorageScopeQuery' })

export const UsageQuery = Type.Object(
  {
    scope: Type.Optional(Scope),
    by: Type.Optional(Type.Enum(['location', 'user', 'class', 'prefix'], { default: 'location' })),
    store: Type.Optional(Type.String({ maxLength: 32 })),
    bucket: Type.Optional(bucketName),
    prefix: Type.Optional(prefix),
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
        source: Type.Enum(['listing']),
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

const charges = {
  storage: Type.Number(),
  requests: Type.Number(),
  retrieval: Type.Number(),
  transitions: Type.Number(),
  earlyDeletion: Type.Number(),
  monitoring: Type.Number(),
}
const exampleCharges = {
  storage: 1.05,
  requests: 0.01,
  retrieval: 0,
  transitions: 0,
  earlyDeletion: 0,
  monitoring: 0,
}

export const TieringRule = Type.Object(
  {
    prefix,
    minBytes: Type.Integer({ minimum: 0, maximum: 5_497_558_138_880, description: 'Smaller objects stay.' }),
    tag: Type.Optional(
      Type.Object(
        { key: Type.String({ minLength: 1, maxLength: 128 }), value: Type.String({ maxLength: 256 }) },
        { ...closed, description: 'Only objects that have this tag.' },
      ),
    ),
    state: Type.Enum(['current', 'noncurrent', 'upload'], {
      description: 'What it is about: objects, replaced and deleted versions, or unfinished uploads.',
    }),
    afterDays: Type.Integer({ minimum: 0, maximum: 36_500 }),
    toClass: nullable(Type.String({ maxLength: 64, description: 'Null: they are deleted.' })),
  },
  { ...closed, $id: 'TieringRule' },
)
export type TieringRule = Static<typeof TieringRule>

const exampleRule = {
  prefix: 'archive/',
  minBytes: 131_072,
  state: 'current',
  afterDays: 30,
  toClass: 'GLACIER_IR',
} as const

export const StorageAdvice = Type.Object({
  store: Type.String(),
  bucket: Type.String(),
  rule: TieringRule,
  objects: Type.Integer({ description: 'That are there and that it acts on, now or later.' }),
  bytes: Type.Integer(),
  saving: money('Of the next twelve months.'),
  savingAtLeast: money('The same if twice as much is read and deleted as was seen, and more where little was seen.'),
  fee: money('What it costs once to move what is there.'),
  paybackMonths: nullable(Type.Integer({ description: 'Months after which the saving is larger than the fee.' })),
  months: Type.Array(Type.Object({ without: Type.Number(), with: Type.Number() }), {
    description: 'Of the part that the rule is about.',
  }),
  needs: nullable(Type.String({ description: 'Why the rule cannot be applied to this store.' })),
})
export type StorageAdvice = Static<typeof StorageAdvice>

export const CostAnalysis = Type.Object(
  {
    prices: Type.Object({
      name: Type.String(),
      date: Type.String({ format: 'date' }),
      source: Type.String(),
      currency: Type.String(),
      configured: Type.Boolean({ description: 'Whether they are from the file of SKYCRATE_PRICES.' }),
    }),
    month: Type.Object(
      {
        total: money('What is there, kept for a month, with the requests of the last 30 days.'),
        charges: Type.Object(charges),
        oldVersions: money('Of it, for versions that were replaced or deleted.'),
        unfinishedUploads: money('Of it, for unfinished uploads.'),
        byClass: Type.Array(Type.Object({ storageClass: Type.String(), bytes: Type.Integer(), total: Type.Number() })),
        byRegion: Type.Array(
          Type.Object({
            region: Type.String(),
            own: Type.Boolean({ description: 'Whether the price file has this region; another one stands in if not.' }),
            total: Type.Number(),
          }),
        ),
        byUser: Type.Array(
          Type.Object({
            userId: nullable(Type.String()),
            userName: nullable(Type.String()),
            storage: Type.Number(),
            requests: Type.Number(),
          }),
          { description: 'For administrators: homes, and requests by user.' },
        ),
        byPrefix: Type.Array(Type.Object({ bucket: Type.String(), prefix: Type.String(), storage: Type.Number() })),
      },
      { description: 'Amounts of money are in the currency of the prices.' },
    ),
    forecast: Type.Array(
      Type.Object({
        month: Type.String({ description: 'Such as 2026-12.' }),
        total: Type.Number(),
        advised: Type.Number(),
      }),
      {
        description:
          'The next twelve months as they are, and with all advice applied. Empty before the first inventory.',
      },
    ),
    advice: Type.Array(StorageAdvice, { description: 'The largest saving first.' }),
    notCounted: Type.Array(Type.String(), { description: 'Charges that are not in it.' }),
    countedAt,
  },
  {
    $id: 'CostAnalysis',
    examples: [
      {
        prices: {
          name: 'Amazon S3',
          date: '2026-11-01',
          source: 'https://aws.amazon.com/s3/pricing/',
          currency: 'USD',
          configured: false,
        },
        month: {
          total: 1.06,
          charges: exampleCharges,
          oldVersions: 0.02,
          unfinishedUploads: 0,
          byClass: [{ storageClass: 'STANDARD', bytes: 49_121_388_608, total: 1.06 }],
          byRegion: [{ region: 'us-east-1', own: true, total: 1.06 }],
          byUser: [],
          byPrefix: [{ bucket: 'team-files', prefix: 'archive/', storage: 0.8 }],
        },
        forecast: [{ month: '2026-12', total: 1.06, advised: 0.6 }],
        advice: [
          {
            store: 'default',
            bucket: 'team-files',
            rule: exampleRule,
            objects: 900,
            bytes: 30_000_000_000,
            saving: 5.9,
            savingAtLeast: 5.1,
            fee: 0.02,
            paybackMonths: 1,
            months: [{ without: 0.66, with: 0.15 }],
            needs: null,
          },
        ],
        notCounted: ['Data transfer out of the region'],
        countedAt: '2026-11-29T02:00:00.000Z',
      },
    ],
  },
)
export type CostAnalysis = Static<typeof CostAnalysis>

export const InventoryRequest = Type.Object(
  { store: Type.Optional(Type.String({ maxLength: 32, default: 'default' })), bucket: bucketName },
  { ...closed, $id: 'InventoryRequest', examples: [{ bucket: 'team-files' }] },
)
export type InventoryRequest = Static<typeof InventoryRequest>

export const StorageClasses = Type.Object(
  {
    classes: Type.Array(
      Type.Object({
        name: Type.String(),
        archive: Type.Boolean({ description: 'Objects have to be restored before they can be read.' }),
        minimumDays: Type.Integer({ description: 'That are paid for, whenever the object goes.' }),
        minimumBytes: Type.Integer({ description: 'That are paid for, however small the object is.' }),
        perGBMonth: nullable(money('Of the first GiB, in the default region of the prices.')),
      }),
      { description: 'Those that the store has.' },
    ),
    currency: Type.String(),
  },
  {
    $id: 'StorageClasses',
    examples: [
      {
        classes: [{ name: 'STANDARD_IA', archive: false, minimumDays: 30, minimumBytes: 131_072, perGBMonth: 0.0125 }],
        currency: 'USD',
      },
    ],
  },
)
export type StorageClasses = Static<typeof StorageClasses>

export const ClassRequest = Type.Object(
  {
    bucket: bucketName,
    key: Type.Optional(objectKey),
    prefix: Type.Optional(prefix),
    storageClass: Type.String({ minLength: 1, maxLength: 64 }),
  },
  {
    ...closed,
    $id: 'ClassRequest',
    description: 'Either `key` or `prefix`.',
    examples: [{ bucket: 'team-files', prefix: 'archive/', storageClass: 'GLACIER_IR' }],
  },
)
export type ClassRequest = Static<typeof ClassRequest>

export const RulesParams = Type.Object(
  { store: Type.String({ maxLength: 32 }), name: bucketName },
  { $id: 'RulesParams' },
)

const rules = Type.Array(TieringRule, { maxItems: 100 })

export const RulesChange = Type.Object(
  {
    rules,
    preview: Type.Optional(Type.Boolean({ default: false, description: 'Changes nothing: only says what would be.' })),
  },
  { ...closed, $id: 'RulesChange', examples: [{ rules: [exampleRule] }] },
)
export type RulesChange = Static<typeof RulesChange>

export const BucketRules = Type.Object(
  {
    rules,
    others: Type.Integer({ description: 'Lifecycle rules beside them, which are never changed here.' }),
    version: Type.String({
      description: 'Of all rules of the bucket. Pass it in quotes as `If-Match` to change them.',
    }),
    before: nullable(Type.Array(TieringRule, { description: 'What a change replaced: put it back to undo it.' })),
  },
  { $id: 'BucketRules', examples: [{ rules: [exampleRule], others: 2, version: '9f86d081884c7d65', before: [] }] },
)
export type BucketRules = Static<typeof BucketRules>
