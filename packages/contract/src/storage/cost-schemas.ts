import { Type, type Static } from 'typebox'
import { nullable, timestamp } from '../schemas.ts'
import { exampleRule, TieringRule } from './rule-schemas.ts'
import { countedAt } from './schemas.ts'

export const money = (description: string) =>
  Type.Number({ description: `${description} In the currency of the prices.` })

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

const AppliedRule = Type.Object({
  store: Type.String(),
  bucket: Type.String(),
  rule: TieringRule,
  appliedAt: timestamp('When SkyCrate applied it.'),
  endedAt: nullable(timestamp('When it was taken back.')),
  measuredAt: nullable(timestamp('Of which time the latest count tells. Null before the first one.')),
  objects: Type.Integer({ description: 'That it has moved and that are still there, or that it has deleted.' }),
  bytes: Type.Integer(),
  saved: nullable(money('Since it was applied, fees taken off. Null where it cannot be measured.')),
  unmeasured: nullable(
    Type.Enum(['tags', 'folder', 'tiers'], {
      description:
        'Why there is no saving. `tags`: counts do not tell which versions have the tag. `folder`: counts do not tell the ages in the folder. `tiers`: listings do not tell the tiers of Intelligent-Tiering; S3 Inventory with the field IntelligentTieringAccessTier does.',
    }),
  ),
  fees: money('That moving cost.'),
  promised: nullable(money('What the advice promised for the same time. Null for a rule that no advice named.')),
})

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
    applied: Type.Array(AppliedRule, {
      description: 'Rules that were applied, with what they saved; the newest first.',
    }),
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
        applied: [
          {
            store: 'default',
            bucket: 'team-files',
            rule: exampleRule,
            appliedAt: '2026-09-29T09:00:00.000Z',
            endedAt: null,
            measuredAt: '2026-11-29T02:00:00.000Z',
            objects: 880,
            bytes: 29_600_000_000,
            saved: 0.95,
            unmeasured: null,
            fees: 0.02,
            promised: 0.97,
          },
        ],
        notCounted: ['Data transfer out of the region'],
        countedAt: '2026-11-29T02:00:00.000Z',
      },
    ],
  },
)
export type CostAnalysis = Static<typeof CostAnalysis>
