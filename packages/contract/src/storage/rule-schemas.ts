import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable } from '../schemas.ts'
import { folder } from './schemas.ts'

export const TieringRule = Type.Object(
  {
    prefix: folder,
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

export const exampleRule = {
  prefix: 'archive/',
  minBytes: 131_072,
  state: 'current',
  afterDays: 30,
  toClass: 'GLACIER_IR',
} as const

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
