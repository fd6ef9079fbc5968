import type { Home } from '@skycrate/contract/home/schemas'
import { type PageLink, toFiles, toLocation } from '../paths.ts'

/**
 * Where a file or a folder is shown: in one's own files, or in a location.
 * @param key of a folder with its `/`; the whole bucket is ''
 * @param open shows the file itself, not only its folder
 */
export function placeLink(
  home: Pick<Home, 'bucket' | 'prefix'> | undefined,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  open = false,
): PageLink {
  const folder = key.slice(0, key.lastIndexOf('/') + 1)
  const file = open && key !== folder ? key.slice(folder.length) : undefined
  const isHome = home?.bucket === bucket && folder.startsWith(home.prefix)
  return isHome ? toFiles(folder.slice(home.prefix.length), file) : toLocation(bucket, folder, file)
}
