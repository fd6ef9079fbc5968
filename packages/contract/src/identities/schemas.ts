import { type Static, Type } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

export const Identities = Type.Object(
  {
    identities: Type.Array(
      Type.Object({
        issuer: Type.String({
          description: "As in its tokens' `iss`; `urn:skycrate:accounts` for a built-in account.",
        }),
        subject: Type.String(),
        name: nullable(
          Type.String({ description: 'What the issuer is called here. Null if it is not configured any more.' }),
        ),
        createdAt: timestamp('When it was first seen or linked.'),
        current: Type.Boolean({ description: 'Whether this request is signed in with it.' }),
      }),
    ),
  },
  {
    $id: 'Identities',
    examples: [
      {
        identities: [
          {
            issuer: 'https://tenant.eu.auth0.com/',
            subject: 'auth0|64f0c2',
            name: 'Example Inc.',
            createdAt: '2026-11-21T12:00:00.000Z',
            current: true,
          },
        ],
      },
    ],
  },
)
export type Identities = Static<typeof Identities>

export const LinkRequest = Type.Object(
  { issuerId: Type.String({ maxLength: 64, description: 'One of `GET /auth/issuers`.' }) },
  { ...closed, $id: 'LinkRequest', examples: [{ issuerId: 'iss_01kaj7x2v9c4t0m8q3n5p6r7s8' }] },
)

export const LinkStarted = Type.Object(
  {
    url: Type.String({ description: 'Where to send this browser. It comes back to `/profile`.' }),
  },
  { $id: 'LinkStarted', examples: [{ url: 'https://tenant.eu.auth0.com/authorize?client_id=…' }] },
)

export const IdentityQuery = Type.Object(
  { issuer: Type.String({ maxLength: 2048 }), subject: Type.String({ maxLength: 255 }) },
  closed,
)
