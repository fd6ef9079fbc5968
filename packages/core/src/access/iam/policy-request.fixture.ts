import { contextKey } from './condition.ts'
import { evaluate, type PolicyRequest, type PolicyVerdict } from './evaluate.ts'
import { parsePolicy, type PolicyKind } from './parse-policy.ts'
import type { Policy, PolicyPrincipal } from './policy.ts'

export type Keys = Readonly<Record<string, string | readonly string[]>>

/** Reads a policy that has to be right. */
export const readPolicy = (document: unknown, kind: PolicyKind = { kind: 'session' }): Policy => {
  const parsed = parsePolicy(JSON.stringify(document), kind)
  if (parsed.outcome === 'malformed') throw new Error(parsed.message)
  return parsed.policy
}

export const policyRequest = (
  action: string,
  resource: string,
  keys: Keys = {},
  isPrincipal: (principal: PolicyPrincipal) => boolean = () => false,
): PolicyRequest => {
  const byKey = new Map(Object.entries(keys).map(([key, value]) => [contextKey(key), [value].flat()]))
  return { action, resource, context: (key) => byKey.get(key), isPrincipal }
}

/** What one statement of a session's policy says of a request. */
export const verdictOf = (statement: object, action: string, resource: string, keys: Keys = {}): PolicyVerdict =>
  evaluate(readPolicy({ Version: '2012-10-17', Statement: statement }), policyRequest(action, resource, keys))
