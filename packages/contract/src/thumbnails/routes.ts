import { recorded, type Route } from '../route.ts'
import { Thumbnails, ThumbnailsRequest } from './schemas.ts'

export const THUMBNAILS_ROUTES = {
  thumbnails: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Get presigned URLs of thumbnails of up to 100 images; requires read of each image',
    body: ThumbnailsRequest,
    // 100 keys of 1,024 bytes fit, with their ETags.
    bodyLimit: 512 * 1024,
    success: { status: 200, body: Thumbnails },
    problems: ['invalid-request', ...recorded, 'store-unavailable', 'store-refused'],
  },
} as const satisfies Record<string, Route>
