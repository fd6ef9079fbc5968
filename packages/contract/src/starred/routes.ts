import { guarded, recorded, type Route } from '../route.ts'
import { NewStar, Recent, Starred, StarQuery } from './schemas.ts'

export const STARRED_ROUTES = {
  listStarred: {
    area: 'files',
    audience: 'user',
    summary: 'The files and folders that the caller starred',
    success: { status: 200, body: Starred },
    problems: [...guarded],
  },
  star: {
    area: 'files',
    audience: 'user',
    summary: 'Star a file or a folder; requires list or read',
    body: NewStar,
    success: { status: 204 },
    problems: ['invalid-request', 'invalid-key', 'forbidden', 'conflict', ...recorded],
  },
  unstar: {
    area: 'files',
    audience: 'user',
    summary: 'Take a star away; one that is not there is fine',
    query: StarQuery,
    success: { status: 204 },
    problems: ['invalid-request', 'invalid-key', ...guarded],
  },
  listRecent: {
    area: 'files',
    audience: 'user',
    summary: 'The files that the caller used last',
    success: { status: 200, body: Recent },
    problems: [...guarded],
  },
} as const satisfies Record<string, Route>
