import { Type } from 'typebox'
import { nullable } from '../schemas.ts'

export const SignInIssuers = Type.Object(
  {
    issuers: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String({ description: 'For people, such as the label of a button.' }),
        issuer: Type.String({ description: "As in its tokens' `iss`." }),
        direct: Type.Boolean({
          description:
            'Whether people who open the web app signed out go straight there, unless another issuer says the same.',
        }),
      }),
      { description: 'Those by which people can sign in in the browser.' },
    ),
  },
  {
    $id: 'SignInIssuers',
    examples: [
      {
        issuers: [
          {
            id: 'iss_01kaj7x2v9c4t0m8q3n5p6r7s8',
            name: 'Example Inc.',
            issuer: 'https://tenant.eu.auth0.com/',
            direct: true,
          },
        ],
      },
    ],
  },
)

export const IssuerParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const SignInStart = Type.Object({
  returnTo: Type.Optional(
    Type.String({
      maxLength: 2048,
      description: 'The page of SkyCrate to come back to, such as `/files`. Anything else leads to the first page.',
    }),
  ),
  fresh: Type.Optional(
    Type.Literal('true', {
      description: 'Has the issuer ask the person to prove anew who they are, also where it knows them.',
    }),
  ),
})

/** Issuers add parameters of their own. */
export const SignInAnswer = Type.Object(
  {
    state: Type.Optional(Type.String({ maxLength: 512 })),
    code: Type.Optional(Type.String({ maxLength: 8192 })),
    iss: Type.Optional(Type.String({ maxLength: 2048 })),
    error: Type.Optional(Type.String({ maxLength: 512 })),
    error_description: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: true },
)

export const SignedOut = Type.Object(
  {
    issuerSignOutUrl: nullable(
      Type.String({ description: 'Where to send the browser to end the session at the issuer as well.' }),
    ),
  },
  { $id: 'SignedOut', examples: [{ issuerSignOutUrl: 'https://tenant.eu.auth0.com/oidc/logout?client_id=…' }] },
)

export const BackChannelLogout = Type.Object(
  { logout_token: Type.String({ minLength: 1, maxLength: 16_384 }) },
  { additionalProperties: true, $id: 'BackChannelLogout', examples: [{ logout_token: 'eyJhbGciOiJSUzI1NiJ9…' }] },
)
