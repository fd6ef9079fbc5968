import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

const WITH_PORT = /^(?:\[([^\]]*)\]|([0-9.]+))(?::\d{1,5})?$/

/**
 * The address in an entry of X-Forwarded-For: `ip`, `ip:port`, `[ipv6]` or `[ipv6]:port`, as proxies write it.
 * @returns undefined for anything else
 */
export function parseForwardedAddress(entry: string): string | undefined {
  const text = entry.trim()
  if (isIP(text) !== 0) return text
  const [, bracketed, dotted] = WITH_PORT.exec(text) ?? []
  if (bracketed !== undefined && isIPv6(bracketed)) return bracketed
  return dotted !== undefined && isIPv4(dotted) ? dotted : undefined
}

/**
 * Who a request comes from: the entry of X-Forwarded-For that the outermost trusted proxy wrote. What stands further left
 * is whatever the client wrote there itself. An entry that is no address counts as none, and the connection's own stands in.
 *
 * @param proxies trusted proxies in front, 0 for none
 */
export function clientAddress(socketAddress: string, forwardedFor: string | undefined, proxies: number): string {
  if (proxies === 0 || forwardedFor === undefined) return socketAddress
  const entries = forwardedFor.split(',')
  const entry = entries[Math.max(0, entries.length - proxies)]!
  return parseForwardedAddress(entry) ?? socketAddress
}

/**
 * Reads the address of requests, and says once when a proxy seems to stand in front that nobody has named: then everyone
 * shares its address, and its limits.
 */
export function addressReader(
  proxies: number,
  logger: FastifyBaseLogger,
): (socketAddress: string, header: string | string[] | undefined) => string {
  let hasWarned = false
  return (socketAddress, header) => {
    if (header === undefined) return socketAddress
    if (proxies === 0 && !hasWarned) {
      hasWarned = true
      logger.warn(
        { address: socketAddress },
        'a request has an X-Forwarded-For header, but no proxy is trusted, so all clients of the proxy share one address. If you run SkyCrate behind a proxy, set SKYCRATE_TRUST_PROXY',
      )
    }
    return clientAddress(socketAddress, Array.isArray(header) ? header.join(',') : header, proxies)
  }
}
