import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, nullable, timestamp } from '../schemas.ts'

export const Locations = Type.Object(
  {
    locations: Type.Array(
      Type.Object({
        store: Type.String(),
        bucket: Type.String(),
        prefix: Type.String({ description: "'' for the whole bucket, or a folder that ends in '/'." }),
        actions: Type.Array(Action),
        expiresAt: nullable(timestamp('When part of this access ends.')),
      }),
    ),
    nextCursor: nullable(
      Type.String({ description: 'Pass it as `cursor` to get the next page. Null on the last page.' }),
    ),
  },
  {
    $id: 'Locations',
    examples: [
      {
        locations: [
          { store: 'default', bucket: 'team-files', prefix: 'reports/', actions: ['read', 'list'], expiresAt: null },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Locations = Static<typeof Locations>

export const LocationsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
  },
  { ...closed, $id: 'LocationsQuery' },
)

export const CredentialsRequest = Type.Object(
  {
    bucket: bucketName,
    prefix: Type.Optional(
      Type.String({
        maxLength: 1024,
        description:
          "'' for the whole bucket, or a folder that ends in '/'. Default: the caller's location in this bucket, if there is only one.",
      }),
    ),
    actions: Type.Optional(
      Type.Array(Action, { minItems: 1, uniqueItems: true, description: 'Default: all that the caller may do there.' }),
    ),
    durationSeconds: Type.Optional(
      Type.Integer({
        minimum: 900,
        maximum: 43_200,
        default: 3600,
        description: 'Lifetime in seconds. The credentials never outlive the permission.',
      }),
    ),
  },
  {
    ...closed,
    $id: 'CredentialsRequest',
    examples: [{ bucket: 'team-files', prefix: 'reports/', actions: ['read', 'list'], durationSeconds: 3600 }],
  },
)
export type CredentialsRequest = Static<typeof CredentialsRequest>

export const TemporaryCredentials = Type.Object(
  {
    accessKeyId: Type.String(),
    secretAccessKey: Type.String(),
    sessionToken: Type.String(),
    expiration: timestamp('When the credentials expire.'),
    endpoint: Type.String({ description: 'The S3 endpoint to use them at.' }),
    region: Type.String(),
    location: Type.Object(
      { bucket: Type.String(), prefix: Type.String(), actions: Type.Array(Action) },
      { description: 'Where the credentials work, and what they allow.' },
    ),
  },
  {
    $id: 'TemporaryCredentials',
    examples: [
      {
        accessKeyId: 'ASIAEXAMPLE',
        secretAccessKey: '…',
        sessionToken: '…',
        expiration: '2026-11-21T13:00:00.000Z',
        endpoint: 'https://s3.example.com',
        region: 'us-east-1',
        location: { bucket: 'team-files', prefix: 'reports/', actions: ['read', 'list'] },
      },
    ],
  },
)
export type TemporaryCredentials = Static<typeof TemporaryCredentials>
