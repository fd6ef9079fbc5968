import { Type, type Static } from 'typebox'
import { nullable } from '../schemas.ts'

export const Home = Type.Object(
  {
    bucket: Type.String(),
    prefix: Type.String({ description: "'' or a folder that ends in '/'." }),
    region: Type.String(),
    state: Type.Literal('ready'),
    layout: Type.Enum(['bucket-per-user', 'shared-bucket']),
    steps: Type.Array(
      Type.Object({
        step: Type.String(),
        outcome: Type.Enum(['applied', 'unsupported', 'failed']),
        reason: nullable(Type.String()),
      }),
      { description: 'The provisioning steps and their outcomes.' },
    ),
  },
  {
    $id: 'Home',
    examples: [
      {
        bucket: 'skycrate-01kaj7x2v9c4t0m8q3n5p6r7s8-1795233600000',
        prefix: '',
        region: 'us-east-1',
        state: 'ready',
        layout: 'bucket-per-user',
        steps: [{ step: 'encryption', outcome: 'applied', reason: null }],
      },
    ],
  },
)
export type Home = Static<typeof Home>
