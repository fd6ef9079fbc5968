export interface Crumb {
  readonly name: string
  readonly prefix: string
}

/** The folders from a root down to a prefix, the root itself left out: `a/` to `a/b/c/` gives `b` and `c`. */
export function crumbs(root: string, prefix: string): Crumb[] {
  const found: Crumb[] = []
  let start = root.length
  for (let i = start; i < prefix.length; i++) {
    if (prefix[i] !== '/') continue
    found.push({ name: prefix.slice(start, i), prefix: prefix.slice(0, i + 1) })
    start = i + 1
  }
  return found
}
