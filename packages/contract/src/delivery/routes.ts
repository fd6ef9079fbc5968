import { recorded, type Route } from '../route.ts'
import { CookiesRequest, DeliveryCookies } from './schemas.ts'

export const DELIVERY_ROUTES = {
  deliveryCookies: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Create cookies with which a content delivery network lets the caller read everything in a folder',
    body: CookiesRequest,
    success: { status: 200, body: DeliveryCookies },
    problems: [
      'invalid-request',
      'invalid-key',
      'forbidden',
      'bucket-missing',
      'delivery-unsupported',
      'store-unavailable',
      ...recorded,
    ],
  },
} as const satisfies Record<string, Route>
