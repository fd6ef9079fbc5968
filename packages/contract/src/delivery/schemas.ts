import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, timestamp } from '../schemas.ts'

/** How a bucket's objects are delivered by a content delivery network. */
export const Delivery = Type.Object(
  {
    url: Type.String({
      minLength: 9,
      maxLength: 255,
      description: 'Where CloudFront serves the bucket: `https://` and a host name. A key is the path there.',
    }),
    keyId: Type.String({
      pattern: '^[A-Z0-9]{1,64}$',
      description: 'The id of a key of `SKYCRATE_CDN_KEYS`, whose public key is in a key group of the distribution.',
    }),
    cookieDomain: nullable(
      Type.String({
        minLength: 3,
        maxLength: 253,
        description:
          'A domain of the host of `url` and of SkyCrate, for which `POST /delivery/cookies` sets cookies. Null: it only returns them.',
      }),
    ),
  },
  { ...closed },
)
export type Delivery = Static<typeof Delivery>

export const CookiesRequest = Type.Object(
  {
    bucket: bucketName,
    prefix: Type.String({ maxLength: 1024, description: "'' for the whole bucket, or a folder that ends in '/'." }),
    expiresIn: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 86_400, default: 3600, description: 'Lifetime in seconds, at most a day.' }),
    ),
  },
  { ...closed, $id: 'CookiesRequest', examples: [{ bucket: 'team-files', prefix: 'photos/' }] },
)
export type CookiesRequest = Static<typeof CookiesRequest>

export const DeliveryCookies = Type.Object(
  {
    url: Type.String({ description: 'What may be read: every URL that begins with it.' }),
    cookies: Type.Record(Type.String(), Type.String(), { description: 'To be sent with each request.' }),
    domain: nullable(Type.String({ description: 'The domain for which this answer has set them; null: none.' })),
    expiresAt: timestamp('When they end.'),
  },
  {
    $id: 'DeliveryCookies',
    examples: [
      {
        url: 'https://cdn.example.com/photos/',
        cookies: {
          'CloudFront-Policy': 'eyJTdGF0ZW1lbnQiOl…',
          'CloudFront-Signature': 'MEUCIQ…',
          'CloudFront-Key-Pair-Id': 'K2JCJMDEHXQW5F',
          'CloudFront-Hash-Algorithm': 'SHA256',
        },
        domain: null,
        expiresAt: '2026-11-29T13:00:00.000Z',
      },
    ],
  },
)
export type DeliveryCookies = Static<typeof DeliveryCookies>
