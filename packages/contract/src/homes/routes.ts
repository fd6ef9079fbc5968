import { Job } from '../jobs/schemas.ts'
import { guarded, recorded, type Route } from '../route.ts'
import { HomeDeletionQuery, HomeParams, HomesQuery, UserHome, UserHomes } from './schemas.ts'

export const HOMES_ROUTES = {
  listHomes: {
    area: 'homes',
    audience: 'admin',
    summary: 'List homes: whose they are, where they are, and their state',
    query: HomesQuery,
    success: { status: 200, body: UserHomes },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  retryHome: {
    area: 'homes',
    audience: 'admin',
    summary: 'Finish a home that was begun, and try its failed steps again',
    params: HomeParams,
    success: { status: 200, body: UserHome },
    problems: [
      'invalid-request',
      'forbidden',
      'not-found',
      ...recorded,
      'provisioning-failed',
      'store-unavailable',
      'store-refused',
    ],
  },
  deleteHome: {
    area: 'homes',
    audience: 'admin',
    summary: "Delete a user's home, keep its contents, or hand them over to another user",
    params: HomeParams,
    query: HomeDeletionQuery,
    success: { status: 202, body: Job },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
