/** The paths of the web app: what may hold any character stands in the search. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9._~-]+)*\/?$/

/**
 * Where to go after signing in, given in an address, so by anybody. It is followed only within the web app: anything else
 * could send a person who just signed in to a stranger's page. What a browser would read as another origin in any
 * spelling (`//`, `\`, tabs, `@`, encoded once or twice) is no plain path.
 *
 * @returns path, search and fragment as the URL standard writes them; undefined where it is not followed
 */
export function parsePagePath(next: unknown): string | undefined {
  if (typeof next !== 'string' || !next.startsWith('/')) return undefined
  const url = URL.parse(next, BASE)
  if (url?.origin !== BASE || !PLAIN_PATH.test(url.pathname)) return undefined
  // The parser drops tabs and line breaks, and takes `\` for `/`: the path must say the same before and after.
  if (!next.startsWith(url.pathname)) return undefined
  return `${url.pathname}${url.search}${url.hash}`
}

const BASE = 'https://app.invalid'
