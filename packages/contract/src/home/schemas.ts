import { Type, type Static } from 'typebox'
import { nullable } from '../schemas.ts'

export const Home = Type.Object(
  {
    bucket: Type.String(),
    prefix: Type.String({ description: "'' or ending in '/'." }),
    region: Type.String(),
    state: Type.Literal('ready'),
    layout: Type.Enum(['bucket-per-user', 'shared-bucket']),
    steps: Type.Array(
      Type.Object({
        step: Type.String(),
        outcome: Type.Enum(['applied', 'unsupported', 'failed']),
        reason: nullable(Type.String()),
      }),
      { description: 'What was done to make it, and what this store cannot do.' },
    ),
  },
  { $id: 'Home' },
)
export type Home = Static<typeof Home>
