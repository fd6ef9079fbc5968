import type { ThumbnailRefusal } from '@skycrate/contract/thumbnails/schemas'
import { imageLibrary } from '../files/image-library.ts'

/** Pixels of the longer side of a thumbnail. */
export const THUMBNAIL_SIDE = 512
/** Bytes of an image that is read whole. */
export const MAX_SOURCE_BYTES = 32 * 1024 * 1024
/** Pixels of an image that is decoded: 8,000 × 6,250. */
export const MAX_PIXELS = 50_000_000
const MAX_SECONDS = 15

export type Made =
  | { readonly ok: true; readonly data: Buffer; readonly width: number; readonly height: number }
  | { readonly ok: false; readonly reason: ThumbnailRefusal }

/** A small WebP of an image, upright and without its metadata: no place, no camera. Never throws for the image's sake. */
export async function makeThumbnail(source: Buffer): Promise<Made> {
  const sharp = await imageLibrary()
  try {
    const { data, info } = await sharp(source, { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'error' })
      .timeout({ seconds: MAX_SECONDS })
      .autoOrient()
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75, effort: 2 })
      .toBuffer({ resolveWithObject: true })
    return { ok: true, data, width: info.width, height: info.height }
  } catch (error) {
    return { ok: false, reason: refusalOf(error instanceof Error ? error.message : '') }
  }
}

/** sharp tells its reasons in words alone. */
function refusalOf(message: string): ThumbnailRefusal {
  if (/pixel limit/i.test(message)) return 'too-many-pixels'
  if (/timeout/i.test(message)) return 'too-slow'
  if (/unsupported|blocked|no decode|codec/i.test(message)) return 'unsupported-format'
  return 'broken'
}
