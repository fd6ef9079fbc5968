import { guarded, recorded, type Route } from '../route.ts'
import { CredentialsRequest, Locations, LocationsQuery, TemporaryCredentials } from './schemas.ts'

export const CREDENTIALS_ROUTES = {
  locations: {
    area: 'credentials',
    audience: 'guest',
    tokens: true,
    summary: 'List the locations that the caller can access',
    query: LocationsQuery,
    success: { status: 200, body: Locations },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
  createCredentials: {
    area: 'credentials',
    audience: 'guest',
    tokens: true,
    summary: 'Create temporary S3 credentials for one location',
    body: CredentialsRequest,
    success: { status: 200, body: TemporaryCredentials },
    problems: [
      'invalid-request',
      'forbidden',
      'bucket-missing',
      'quota-exceeded',
      'permission-expires-soon',
      'location-too-long',
      'credentials-unsupported',
      'store-unavailable',
      'store-refused',
      ...recorded,
    ],
  },
} as const satisfies Record<string, Route>
