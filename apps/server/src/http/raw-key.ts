/**
 * The key in a path `…{marker}{bucket}/{key}`, taken from the URL as it came on the wire and decoded once: routers
 * collapse slashes and decode as they see fit, and the key that is decided on must be the key that was meant.
 *
 * @returns undefined where the path has no key or is not well percent-encoded UTF-8
 */
export function rawKeyOf(url: string, marker: string): string | undefined {
  const path = url.split('?', 1)[0]!
  const start = path.indexOf(marker)
  if (start === -1) return undefined
  const slash = path.indexOf('/', start + marker.length)
  if (slash === -1) return undefined
  try {
    return decodeURIComponent(path.slice(slash + 1))
  } catch {
    return undefined
  }
}
