import type sharpModule from 'sharp'

/** Only raster formats: others are small programs (SVG) or documents. */
const LOADERS = ['Jpeg', 'Png', 'Gif', 'Webp', 'Heif', 'Tiff'].map((format) => `VipsForeignLoad${format}Buffer`)

let loading: Promise<typeof sharpModule> | undefined

/** sharp, loaded when the first image is looked at, with one thread an image. */
export function imageLibrary(): Promise<typeof sharpModule> {
  loading ??= load()
  return loading
}

async function load(): Promise<typeof sharpModule> {
  const { default: sharp } = await import('sharp')
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS })
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp
}
