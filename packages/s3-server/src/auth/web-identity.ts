import { contextKey } from '@skycrate/core/access/iam/condition'

/** Whom an issuer's token spoke of, as far as a session has to know. */
export interface WebIdentity {
  /** The token's `iss`. */
  readonly issuer: string
  /** The issuer's ARN, in the account of the role. */
  readonly provider: string
  /** By name in lower case: the values of each claim that a policy may ask for; null for what the token did not have. */
  readonly claims: Readonly<Record<string, readonly string[] | null>>
  /** What policies call `aws:PrincipalTag/…`. */
  readonly tags: Readonly<Record<string, string>>
}

/** An issuer without its scheme: `tenant.auth0.com/`, `accounts.google.com`. */
export const issuerName = (issuer: string): string => issuer.replace(/^https?:\/\//i, '')

/**
 * The claim that a key of a policy is about, in lower case, when it is one of this issuer: `accounts.google.com:sub`, with
 * or without the slash that an issuer may end in.
 *
 * @param key as `contextKey` has it
 */
export const claimOf = (key: string, issuer: string): string | undefined => {
  const name = issuerName(issuer).replace(/\/+$/, '')
  for (const prefix of [`${name}:`, `${name}/:`].map(contextKey)) {
    if (key.startsWith(prefix) && key.length > prefix.length) return key.slice(prefix.length).toLowerCase()
  }
  return undefined
}

/** The ARN by which an account's policies call an issuer. */
export const providerArn = (issuer: string, partition: string, account: string): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${issuerName(issuer).replace(/\/+$/, '')}`

/** Whether a policy's principal is the issuer of an identity: by its ARN or its name. */
export const isIssuer = (id: string, { issuer, provider }: WebIdentity): boolean =>
  id === provider || id.replace(/\/+$/, '') === issuerName(issuer).replace(/\/+$/, '')
