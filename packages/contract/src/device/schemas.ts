import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

// OAuth clients send what they like beside: what is not known is ignored, and so the requests are not closed.

export const DeviceRequest = Type.Object(
  {
    client_id: Type.String({
      minLength: 1,
      maxLength: 100,
      ...storable,
      description: 'What the program calls itself. It is shown to the user, and nothing else follows from it.',
    }),
  },
  { $id: 'DeviceRequest', examples: [{ client_id: 'backup-tool' }] },
)

export const DeviceAuthorization = Type.Object(
  {
    device_code: Type.String({ description: 'For `auth/device/token`. Show it to nobody.' }),
    user_code: Type.String({ description: 'What the user types.' }),
    verification_uri: Type.String({ description: 'Where the user types it.' }),
    verification_uri_complete: Type.String({ description: 'The same page with the code in it, for a QR code.' }),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    interval: Type.Integer({ description: 'Seconds to wait between two calls of `auth/device/token`.' }),
  },
  {
    $id: 'DeviceAuthorization',
    examples: [
      {
        device_code: 'skyd_5Gk2pLx0',
        user_code: 'BDWP-HQPK',
        verification_uri: 'https://files.example.com/device',
        verification_uri_complete: 'https://files.example.com/device?code=BDWP-HQPK',
        expires_in: 600,
        interval: 5,
      },
    ],
  },
)
export type DeviceAuthorization = Static<typeof DeviceAuthorization>

export const DeviceTokenRequest = Type.Object(
  {
    grant_type: Type.String({ maxLength: 200, description: '`urn:ietf:params:oauth:grant-type:device_code`' }),
    device_code: Type.String({ minLength: 1, maxLength: 512 }),
  },
  {
    $id: 'DeviceTokenRequest',
    examples: [{ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'skyd_5Gk2pLx0' }],
  },
)

const userCode = Type.String({ minLength: 1, maxLength: 32, ...storable })

export const UserCode = Type.Object({ userCode }, { ...closed, $id: 'UserCode', examples: [{ userCode: 'BDWP-HQPK' }] })

export const DeviceDecision = Type.Object(
  { userCode, allow: Type.Boolean() },
  { ...closed, $id: 'DeviceDecision', examples: [{ userCode: 'BDWP-HQPK', allow: true }] },
)

export const WaitingDevice = Type.Object(
  {
    client: Type.String({ description: 'What the program calls itself. Anybody can call themselves anything.' }),
    network: Type.String({
      description: 'Where it asks from: an IPv4 address, or the /64 network of an IPv6 address.',
    }),
    userAgent: nullable(Type.String()),
    createdAt: timestamp('When it asked.'),
    expiresAt: timestamp('Until when it can be allowed.'),
  },
  {
    $id: 'WaitingDevice',
    examples: [
      {
        client: 'backup-tool',
        network: '192.0.2.7',
        userAgent: 'backup-tool/1.2',
        createdAt: '2026-11-21T12:00:00.000Z',
        expiresAt: '2026-11-21T12:10:00.000Z',
      },
    ],
  },
)
export type WaitingDevice = Static<typeof WaitingDevice>
