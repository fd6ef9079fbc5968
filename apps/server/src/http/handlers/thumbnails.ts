import type { Thumbnails } from '../../thumbnails/thumbnails.ts'
import type { HandlersOf } from '../route.ts'
import { settled } from '../settled.ts'

export function thumbnailsHandlers(thumbnails: Thumbnails): HandlersOf<'thumbnails'> {
  return {
    thumbnails: async ({ who, body, origin, request }) => ({
      thumbnails: settled(await thumbnails.vend(who, body, origin), request),
    }),
  }
}
