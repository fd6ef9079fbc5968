import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  kind: 'user',
  id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'Ada Lovelace',
  maxBytes: 10_000_000_000,
  maxObjects: null,
  usedBytes: 482_130_000,
  usedObjects: 1200,
  reservedBytes: 0,
  reservedObjects: 0,
  countedAt: '2026-11-29T12:00:00.000Z',
} as const

const kind = Type.Enum(['user', 'group', 'bucket'])
const MAX = Number.MAX_SAFE_INTEGER

export const QuotaParams = Type.Object(
  {
    kind,
    id: Type.String({
      minLength: 1,
      maxLength: 255,
      ...storable,
      description:
        'The id of a user or a group, or the name of a bucket. `everyone`, of kind `user`: each user without a quota of their own.',
    }),
  },
  { $id: 'QuotaParams' },
)

export const NewQuota = Type.Object(
  {
    maxBytes: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: MAX, description: 'Null: any number.' }))),
    maxObjects: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: MAX, description: 'Null: any number.' }))),
  },
  { ...closed, $id: 'NewQuota', examples: [{ maxBytes: 10_000_000_000 }] },
)
export type NewQuota = Static<typeof NewQuota>

export const Quota = Type.Object(
  {
    kind,
    id: Type.String(),
    name: Type.String(),
    maxBytes: nullable(Type.Integer()),
    maxObjects: nullable(Type.Integer()),
    usedBytes: Type.Integer({ description: 'Current objects, without their old versions.' }),
    usedObjects: Type.Integer(),
    reservedBytes: Type.Integer({ description: 'Of uploads that were allowed and are not in the store yet.' }),
    reservedObjects: Type.Integer(),
    countedAt: nullable(timestamp('When the store was last counted. Null: not yet.')),
  },
  { $id: 'Quota', examples: [EXAMPLE] },
)
export type Quota = Static<typeof Quota>

export const QuotaFound = Type.Object(
  { quota: nullable(Quota) },
  { $id: 'QuotaFound', examples: [{ quota: EXAMPLE }, { quota: null }] },
)
export type QuotaFound = Static<typeof QuotaFound>

export const Quotas = Type.Object(
  { quotas: Type.Array(Quota), nextCursor: nullable(Type.String()) },
  { $id: 'Quotas', examples: [{ quotas: [EXAMPLE], nextCursor: null }] },
)
export type Quotas = Static<typeof Quotas>

export const QuotasQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 512, ...storable })),
  },
  { ...closed, $id: 'QuotasQuery' },
)
