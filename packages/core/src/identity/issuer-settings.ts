import type { EntryRules } from './entry-rules.ts'

/** Signature algorithms that a token may have: asymmetric only, so that no public key can pass for a shared secret. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What is accepted where an issuer's settings do not say. */
export const DEFAULT_ALGORITHMS: readonly Algorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']

/**
 * A claim's name. A name with dots that no claim has leads into objects: `realm_access.roles`. A list is such a path,
 * segment by segment.
 */
export type ClaimPath = string | readonly string[]

/** Where an issuer puts what is not standard: claim names, taken literally (`https://app.example/email`, `cognito:groups`). */
export interface ClaimNames {
  /** What an identity is known by. Default `sub`; Microsoft Entra ID has `oid`, which is the same in every app. */
  readonly subject?: string | undefined
  /** Default `email`. */
  readonly email?: string | undefined
  /** Default `email_verified`. */
  readonly emailVerified?: string | undefined
  /** Default `name`. */
  readonly name?: string | undefined
  /** No default: which claim of an issuer says what group somebody is in is the operator's to say. */
  readonly groups?: ClaimPath | undefined
  /** What separates groups in a claim that is one text. Absent: the text is one group. */
  readonly groupsSeparator?: string | undefined
}

/** An issuer that the operator trusts, and what its tokens must be like. */
export interface IssuerSettings {
  /** Exactly as in the tokens' `iss`, trailing slash and all. */
  readonly issuer: string
  /** A token's `aud` must name one of these. */
  readonly audience?: readonly string[] | undefined
  /** A token without `aud` must be this client's (`client_id`, `azp`), as Cognito's access tokens are; an ID token's `aud`. */
  readonly clientId?: readonly string[] | undefined
  readonly algorithms: readonly Algorithm[]
  readonly claims: ClaimNames
  /** Where the keys are. Absent: what the issuer's discovery document says. */
  readonly jwksUri?: string | undefined
  /** Seconds by which clocks may differ; 0 to 300. */
  readonly clockToleranceSeconds: number
  /** Members of these groups are administrators. */
  readonly adminGroups: readonly string[]
  /** What a sign-in in the browser asks for besides `openid`. Absent: `email` and `profile`. */
  readonly scopes?: readonly string[] | undefined
  /** Whether people who open the web app signed out go straight there. Absent: no. */
  readonly direct?: boolean | undefined
  /** Who may enter; absent: everybody with a token that is good here. */
  readonly allow?: EntryRules | undefined
}
