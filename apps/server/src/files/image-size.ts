import { imageLibrary } from './image-library.ts'

/** Bytes of an image that are read for its size: the header of every usual format is within. */
export const HEADER_BYTES = 512 * 1024

/**
 * The size of an image in pixels, as it is shown, from its first bytes. No pixel is decoded, so a bomb stays a header.
 * @returns undefined for what is no image, or none that can be told
 */
export async function imageSize(head: Buffer): Promise<{ width: number; height: number } | undefined> {
  const sharp = await imageLibrary()
  try {
    const { autoOrient } = await sharp(head, { failOn: 'none', limitInputPixels: false }).metadata()
    const { width, height } = autoOrient
    return width > 0 && height > 0 ? { width, height } : undefined
  } catch {
    return undefined
  }
}
