import { recorded, type Route } from '../route.ts'
import { Home } from './schemas.ts'

export const HOME_ROUTES = {
  home: {
    area: 'home',
    audience: 'user',
    tokens: true,
    summary: "Get the caller's home; the first call creates it",
    success: { status: 200, body: Home },
    problems: [...recorded, 'no-personal-storage', 'provisioning-failed', 'store-unavailable', 'store-refused'],
  },
} as const satisfies Record<string, Route>
