import { isLoopback } from './loopback.ts'

/** Where an issuer says what there is about it. @see OpenID Connect Discovery 1.0 section 4 */
export const discoveryUrl = (issuer: string): string =>
  `${issuer}${issuer.endsWith('/') ? '' : '/'}.well-known/openid-configuration`

/**
 * Where an issuer's keys are, by its discovery document.
 *
 * @throws Error that says what is wrong with it
 * @see OpenID Connect Discovery 1.0 section 4.3
 */
export const discoveredKeys = (document: Readonly<Record<string, unknown>>, issuer: string): string => {
  const { issuer: named, jwks_uri: uri } = document
  if (named !== issuer) {
    throw new Error(`the discovery document is of another issuer: ${JSON.stringify(named)?.slice(0, 200)}`)
  }
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new Error('the discovery document names no jwks_uri')
  // An issuer elsewhere has no business with what listens on this machine.
  if (isLoopback(uri) && !isLoopback(issuer)) throw new Error('the discovery document names a jwks_uri on this machine')
  return uri
}
