import { Tokens } from '../auth/schemas.ts'
import { recorded, type Route } from '../route.ts'
import {
  DeviceAuthorization,
  DeviceDecision,
  DeviceRequest,
  DeviceTokenRequest,
  UserCode,
  WaitingDevice,
} from './schemas.ts'

export const DEVICE_ROUTES = {
  startDevice: {
    area: 'device',
    audience: 'anyone',
    summary: 'Ask for a code by which a user signs in a program on a device without a browser',
    body: DeviceRequest,
    oauth: true,
    success: { status: 200, body: DeviceAuthorization },
    problems: ['too-many-requests', 'database-unavailable'],
  },
  deviceToken: {
    area: 'device',
    audience: 'anyone',
    summary: 'Ask whether the user has allowed it; the first time after that, the response is a session',
    body: DeviceTokenRequest,
    oauth: true,
    success: { status: 200, body: Tokens },
    problems: [
      'unsupported-grant-type',
      'invalid-grant',
      'authorization-pending',
      'slow-down',
      'access-denied',
      'device-code-expired',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  waitingDevice: {
    area: 'device',
    audience: 'user',
    summary: 'Who asks to be signed in by a code',
    body: UserCode,
    success: { status: 200, body: WaitingDevice },
    problems: ['not-found', ...recorded],
  },
  decideDevice: {
    area: 'device',
    audience: 'user',
    summary: 'Allow or refuse to sign in who asks by a code',
    body: DeviceDecision,
    success: { status: 204 },
    problems: ['not-found', 'forbidden', ...recorded],
  },
} as const satisfies Record<string, Route>
