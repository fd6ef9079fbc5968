import type { NewIssuer } from '@skycrate/contract/issuers/schemas'
import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import { AppError } from '../errors/app-error.ts'

/** @param reserved issuers that can't be added: SkyCrate's own and the configured ones @throws AppError `invalid-request` */
export function checkIssuer(
  body: NewIssuer,
  { allowInsecureLoopback, own }: { readonly allowInsecureLoopback: boolean; readonly own: string },
): void {
  const errors: { path: string; message: string }[] = []
  const add = (path: string, message: string): void => void errors.push({ path, message })
  const { issuer, jwksUri, audience, clientId, clientSecret, allow, adminGroups, claims } = body
  const demand = 'must be an https URL without a password or a fragment'
  if (!isTrustworthy(issuer, allowInsecureLoopback)) add('/issuer', `${demand}, exactly as in the tokens’ iss`)
  else if (issuer.replace(/\/+$/, '') === own.replace(/\/+$/, '')) add('/issuer', 'is SkyCrate itself')
  if (jwksUri !== undefined && !isTrustworthy(jwksUri, allowInsecureLoopback)) add('/jwksUri', demand)
  if (audience === undefined && clientId === undefined) {
    add('/audience', 'or a clientId is needed: without one, a token for any other application would do')
  }
  if (typeof clientSecret === 'string' && clientId === undefined) add('/clientSecret', 'needs a clientId')
  for (const [at, domain] of (allow?.emailDomains ?? []).entries()) {
    if (!/^[^\s@/]+\.[^\s@/]+$|^localhost$/.test(domain)) add(`/allow/emailDomains/${at}`, 'must be a domain')
  }
  // A rule that nobody can meet is a mistake, not a wish.
  if (claims?.groups === undefined) {
    if (allow?.groups !== undefined) add('/allow/groups', 'needs claims.groups, the claim that names the groups')
    if ((adminGroups ?? []).length > 0) add('/adminGroups', 'needs claims.groups, the claim that names the groups')
  }
  if (allow?.groups?.length === 0) add('/allow/groups', 'lets nobody in: leave it out, or name a group')
  if (allow?.emailDomains?.length === 0) add('/allow/emailDomains', 'lets nobody in: leave it out, or name a domain')
  if (!JSON.stringify(body).isWellFormed()) add('', 'holds half a character')
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
