import { isLoopback } from './loopback.ts'

/**
 * Whether nobody between here and there can change what is answered: https or, where that is allowed, http on this machine.
 * A name, a password or a fragment has no place in such a URL.
 *
 * @see RFC 8414 section 2
 */
export const isTrustworthy = (url: string, allowInsecureLoopback: boolean): boolean => {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, hash } = new URL(url)
  if (username !== '' || password !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && allowInsecureLoopback && isLoopback(url))
}
