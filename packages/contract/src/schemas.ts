import { Type } from 'typebox'

export const closed = { additionalProperties: false }

export const timestamp = (description: string) => Type.String({ format: 'date-time', description })

/** The database has no form for U+0000, nor the calendar of computers for a leap second. */
export const storable = { pattern: '^[^\\u0000]*$' }

export const instant = () =>
  Type.String({ format: 'date-time', pattern: ':[0-5]\\d(\\.\\d+)?([zZ]|[+-]\\d\\d:\\d\\d)$' })

export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const bucketName = Type.String({ minLength: 1, maxLength: 255 })

// The byte limit and the refused forms are checked by the server's parseKey, which can say which rule was broken.
export const objectKey = Type.String({ maxLength: 4096 })

export const Action = Type.Enum(['read', 'write', 'delete', 'list'])

export const Principal = Type.Union([
  Type.Object({ kind: Type.Literal('user'), userId: Type.String({ maxLength: 64, ...storable }) }, closed),
  Type.Object(
    {
      kind: Type.Literal('group'),
      group: Type.String({ minLength: 1, maxLength: 256, ...storable, description: "The group's name." }),
      issuer: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 512,
          ...storable,
          description: "Whose claim says the group. Absent for SkyCrate's own groups.",
        }),
      ),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('everyone') }, closed),
  Type.Object({ kind: Type.Literal('guest') }, closed),
])

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
  },
  { ...closed, $id: 'PageQuery' },
)

export const BucketParams = Type.Object({ bucket: bucketName }, { $id: 'BucketParams' })

export const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, { $id: 'IdParams' })
