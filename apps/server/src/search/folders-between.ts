/**
 * The folders that begin between two keys of a listing: those of the later key in which the earlier one does not lie,
 * from the outermost. A key that ends in '/' is one itself.
 */
export function foldersBetween(before: string, key: string): string[] {
  const folders: string[] = []
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    const folder = key.slice(0, slash + 1)
    if (!before.startsWith(folder)) folders.push(folder)
  }
  return folders
}
