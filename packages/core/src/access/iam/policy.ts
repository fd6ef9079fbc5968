import type { Condition } from './condition.ts'
import type { Pattern } from './pattern.ts'

/** A list of patterns, or everything but them. */
export interface PatternList {
  readonly not: boolean
  readonly patterns: readonly Pattern[]
}

/** Whom a statement of a bucket policy is about. */
export type PolicyPrincipal =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'aws'; readonly id: string }
  | { readonly kind: 'canonical-user'; readonly id: string }
  /** An issuer of tokens, by ARN or by name: those who came by one of its. */
  | { readonly kind: 'federated'; readonly id: string }
  /** A service: nobody who can send a request to a store of this kind. */
  | { readonly kind: 'other'; readonly id: string }

export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  /** Undefined in a session policy, which is about its session. */
  readonly principals: readonly PolicyPrincipal[] | undefined
  readonly action: PatternList
  readonly resource: PatternList
  readonly conditions: readonly Condition[]
}

/** A policy document that was read whole: nothing in it is unknown, so nothing of it is passed over. */
export interface Policy {
  readonly statements: readonly Statement[]
}
