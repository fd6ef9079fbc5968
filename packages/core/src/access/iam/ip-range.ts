/** A block of addresses of one family. */
export interface IpRange {
  readonly family: 4 | 6
  readonly bits: number
  readonly base: bigint
}

const FOUR = /^\d{1,3}(?:\.\d{1,3}){3}$/
const GROUP = /^[0-9a-fA-F]{1,4}$/

function parseFour(text: string): bigint | undefined {
  if (!FOUR.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte < 256) ? bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) : undefined
}

function parseSix(text: string): bigint | undefined {
  let hex = text
  const lastColon = text.lastIndexOf(':')
  if (text.includes('.')) {
    const tail = parseFour(text.slice(lastColon + 1))
    if (tail === undefined) return undefined
    hex = `${text.slice(0, lastColon + 1)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
  }
  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = (head?.length ?? 0) + (tail?.length ?? 0)
  if (tail === undefined ? given !== 8 : given > 7) return undefined
  const groups = [...(head ?? []), ...Array<string>(8 - given).fill('0'), ...(tail ?? [])]
  if (!groups.every((group) => GROUP.test(group))) return undefined
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

/**
 * An address, or one with `/bits`. An IPv4 address that came in IPv6 form (`::ffff:…`) counts as IPv4.
 *
 * @returns undefined for any other text
 */
export function parseIpRange(text: string): IpRange | undefined {
  const [address = '', bitsText, more] = text.split('/')
  if (more !== undefined || (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText))) return undefined
  const four = parseFour(address)
  if (four !== undefined) {
    const bits = bitsText === undefined ? 32 : Number(bitsText)
    return bits > 32 ? undefined : { family: 4, bits, base: four >> BigInt(32 - bits) }
  }
  const six = address.includes(':') ? parseSix(address) : undefined
  if (six === undefined) return undefined
  const bits = bitsText === undefined ? 128 : Number(bitsText)
  if (bits > 128) return undefined
  if (six >> 32n === 0xffffn && bits >= 96) {
    return { family: 4, bits: bits - 96, base: (six & 0xffffffffn) >> BigInt(128 - bits) }
  }
  return { family: 6, bits, base: six >> BigInt(128 - bits) }
}

/** Whether all of `inner` lies in `outer`. */
export function containsRange(outer: IpRange, inner: IpRange): boolean {
  return (
    outer.family === inner.family &&
    outer.bits <= inner.bits &&
    inner.base >> BigInt(inner.bits - outer.bits) === outer.base
  )
}
