import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { Sessions } from './schemas.ts'

export const SESSIONS_ROUTES = {
  listSessions: {
    area: 'sessions',
    audience: 'user',
    summary: "The caller's sessions, newest first",
    success: { status: 200, body: Sessions },
    problems: [...recorded],
  },
  endOtherSessions: {
    area: 'sessions',
    audience: 'user',
    summary: "End all of the caller's sessions but the one that asks",
    success: { status: 204 },
    problems: [...recorded],
  },
  endSession: {
    area: 'sessions',
    audience: 'user',
    summary: "End one of the caller's sessions",
    params: IdParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
