import { isIPv6 } from 'node:net'

/**
 * Who counts as one: an IPv4 address, or the 64-bit network of an IPv6 address, within which one subscriber picks addresses
 * at will.
 * @see RFC 6177
 */
export function addressGroup(ip: string | null): string {
  if (ip === null) return 'unknown'
  const [bare = ip] = ip.split('%', 1)
  if (!isIPv6(bare)) return ip
  const groups = expand(bare)
  // An IPv4 client as a socket for both families sees it.
  const [a, b, c, d, e, f, high = 0, low = 0] = groups
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff) {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of 16 bits of a well-formed address. */
function expand(ip: string): number[] {
  // URL writes a dotted end as two groups.
  const canonical = new URL(`http://[${ip}]/`).hostname.slice(1, -1)
  const [head = '', tail = ''] = canonical.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const first = read(head)
  const last = read(tail)
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
