import { recorded, type Route } from '../route.ts'
import { Identities, IdentityQuery, LinkRequest, LinkStarted } from './schemas.ts'

export const IDENTITIES_ROUTES = {
  listIdentities: {
    area: 'auth',
    audience: 'user',
    summary: 'The identities with which the caller can sign in, the oldest first',
    success: { status: 200, body: Identities },
    problems: [...recorded],
  },
  startLink: {
    area: 'auth',
    audience: 'user',
    fresh: true,
    summary: 'Begin to link an identity: sign in at an issuer to add it to the ways in which the caller signs in',
    body: LinkRequest,
    success: { status: 200, body: LinkStarted },
    problems: ['invalid-request', 'not-found', 'conflict', 'issuer-unavailable', ...recorded],
  },
  unlinkIdentity: {
    area: 'auth',
    audience: 'user',
    fresh: true,
    summary: 'Unlink an identity; its sessions end. The one in use and the last one stay',
    query: IdentityQuery,
    success: { status: 204 },
    problems: ['invalid-request', 'not-found', 'conflict', ...recorded],
  },
} as const satisfies Record<string, Route>
