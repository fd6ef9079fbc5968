import { isLoopback } from '@skycrate/issuer-keys/loopback'
import type { FastifyRequest } from 'fastify'

/**
 * Issuers send the browser back to the public URL, where it has to have the cookies of the sign-in: at `127.0.0.1` they
 * would be lost to `localhost`.
 */
export function otherNameOfThisMachine({ headers: { host } }: FastifyRequest, publicUrl: string): string | undefined {
  // With TLS there is a proxy in front, which may ask under a name of its own.
  if (!publicUrl.startsWith('http:')) return undefined
  const asked = URL.parse(`http://${host ?? ''}`)
  const isOther = asked !== null && asked.host !== new URL(publicUrl).host
  return isOther && isLoopback(asked.href) && isLoopback(publicUrl) ? publicUrl : undefined
}
