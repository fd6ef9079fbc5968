import { isLoopback } from './fetch-json.ts'

/** Where an issuer says what there is about it. @see OpenID Connect Discovery 1.0 section 4 */
export const discoveryUrl = (issuer: string): string =>
  `${issuer}${issuer.endsWith('/') ? '' : '/'}.well-known/openid-configuration`

/**
 * Where an issuer's keys are, by its discovery document.
 *
 * @throws Error that says what is wrong with it
 */
export const discoveredKeys = (document: Readonly<Record<string, unknown>>, issuer: string): string => {
  if (document['issuer'] !== issuer) throw new Error('the discovery document is of another issuer')
  const { jwks_uri: uri } = document
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new Error('the discovery document names no jwks_uri')
  // An issuer elsewhere has no business with what listens on this machine.
  if (isLoopback(uri) && !isLoopback(issuer)) throw new Error('the discovery document names a jwks_uri on this machine')
  return uri
}
