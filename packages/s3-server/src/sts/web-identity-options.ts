import type { Algorithm } from '@skycrate/core/identity/issuer-settings'

/** A role that bearers of an issuer's tokens may assume. */
export interface WebIdentityRole {
  /** `arn:aws:iam::123456789012:role/name` */
  readonly arn: string
  /** What its sessions may do, as IAM writes it: `{ Version, Statement }`. */
  readonly policy: object
  /**
   * Which tokens may assume it, as the `Condition` of a role's trust policy: keys of the issuer (`accounts.google.com:sub`),
   * global ones, `aws:RequestTag/…` and `sts:RoleSessionName`. Every token of the issuer's audience when absent.
   */
  readonly condition?: object
  /** Seconds that a session may last at most, 900 to 43,200; default 3600. */
  readonly maxSeconds?: number
  /** Whether tokens may bring tags for the session; those that do are refused otherwise. */
  readonly tags?: boolean
}

/** An OpenID Connect issuer whose tokens `AssumeRoleWithWebIdentity` takes. */
export interface WebIdentityIssuer {
  /** Exactly as in the tokens' `iss`. https, or http on loopback. */
  readonly issuer: string
  /** A token's `aud` has to name one of these; where it has none, its `client_id` or `azp`. */
  readonly audience: readonly string[]
  /** Where its keys are; what its discovery document says when absent. */
  readonly jwksUri?: string
  /** Default RS256, PS256, ES256, ES384 and EdDSA; never a symmetric one. */
  readonly algorithms?: readonly Algorithm[]
  readonly roles: readonly WebIdentityRole[]
}
