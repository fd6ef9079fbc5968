/**
 * One cookie of a Cookie header. Of several with the name, the first is the one with the longest path.
 * @see RFC 6265 section 5.4
 */
export function readCookie(header: string, name: string): string | undefined {
  for (let at = 0; at < header.length;) {
    const semicolon = header.indexOf(';', at)
    const end = semicolon === -1 ? header.length : semicolon
    while (header[at] === ' ') at++
    if (header.startsWith(name, at) && header[at + name.length] === '=') {
      return header.slice(at + name.length + 1, end).trimEnd()
    }
    at = end + 1
  }
  return undefined
}
