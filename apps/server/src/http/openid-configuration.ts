import { API_BASE, placeOf } from '@skycrate/contract/paths'

/**
 * What clients of SkyCrate's own tokens can rely on. People sign in through the API, so there is no authorization endpoint,
 * and no response type.
 * @see OpenID Connect Discovery 1.0
 */
export function openidConfiguration(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: `${issuer}${API_BASE}${placeOf('clientToken').path}`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'exp', 'email', 'email_verified', 'name', 'groups'],
  }
}
