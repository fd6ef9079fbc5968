/** Every folder that a key lies in, from the nearest to the root `''`: `a/b/c.txt` is in `a/b/`, `a/` and `''`. */
export function foldersOf(key: string): string[] {
  const folders: string[] = []
  for (let i = key.length - 1; i >= 0; i--) if (key[i] === '/' && i < key.length - 1) folders.push(key.slice(0, i + 1))
  return [...folders, '']
}
