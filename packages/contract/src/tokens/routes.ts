import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { AccessTokens, CreatedToken, NewToken, UserTokenParams } from './schemas.ts'

export const TOKENS_ROUTES = {
  listTokens: {
    area: 'tokens',
    audience: 'user',
    summary: "The caller's access tokens, newest first",
    success: { status: 200, body: AccessTokens },
    problems: [...recorded],
  },
  createToken: {
    area: 'tokens',
    audience: 'user',
    fresh: true,
    summary: 'Create an access token; the response shows it once',
    body: NewToken,
    success: { status: 201, body: CreatedToken },
    problems: ['invalid-request', 'forbidden', 'conflict', ...recorded],
  },
  deleteToken: {
    area: 'tokens',
    audience: 'user',
    summary: "Delete one of the caller's access tokens; it stops working at once",
    params: IdParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
  listUserTokens: {
    area: 'tokens',
    audience: 'admin',
    summary: "A user's access tokens, newest first",
    params: IdParams,
    success: { status: 200, body: AccessTokens },
    problems: ['not-found', ...recorded],
  },
  deleteUserToken: {
    area: 'tokens',
    audience: 'admin',
    summary: "Delete one of a user's access tokens",
    params: UserTokenParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
