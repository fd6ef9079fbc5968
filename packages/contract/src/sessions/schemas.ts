import { Type, type Static } from 'typebox'
import { nullable, timestamp } from '../schemas.ts'

export const Sessions = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        createdAt: timestamp('When the user signed in.'),
        lastUsedAt: timestamp('The last renewal; exact to a minute where the browser has the session.'),
        expiresAt: timestamp('When it ends at the latest.'),
        network: Type.String({
          description: 'Where the user signed in from: an IPv4 address, or the /64 network of an IPv6 address.',
        }),
        userAgent: nullable(Type.String({ description: 'What the program that signed in called itself.' })),
        current: Type.Boolean({ description: 'Whether this request belongs to it.' }),
      }),
    ),
  },
  {
    $id: 'Sessions',
    examples: [
      {
        sessions: [
          {
            id: 'ses_01kaj7x2v9c4t0m8q3n5p6r7s8',
            createdAt: '2026-11-21T12:00:00.000Z',
            lastUsedAt: '2026-11-21T14:30:00.000Z',
            expiresAt: '2026-12-21T12:00:00.000Z',
            network: '192.0.2.7',
            userAgent: 'Mozilla/5.0',
            current: true,
          },
        ],
      },
    ],
  },
)
export type Sessions = Static<typeof Sessions>
