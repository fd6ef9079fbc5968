import { type ConditionContext, contextKey, holds } from './condition.ts'
import { matchResolved, resolvePattern, type VariableValue } from './pattern.ts'
import type { PatternList, Policy, PolicyPrincipal, Statement } from './policy.ts'

/** What a policy is asked. */
export interface PolicyRequest {
  /** `s3:GetObject` */
  readonly action: string
  /** `arn:aws:s3:::bucket/key` */
  readonly resource: string
  readonly context: ConditionContext
  /** Everything that a bucket policy may call whoever asks, beside `*`; not looked at for session policies. */
  readonly isPrincipal: (principal: PolicyPrincipal) => boolean
}

/** What one policy says: `none` is neither, which refuses unless another policy allows. */
export type PolicyVerdict = 'allow' | 'deny' | 'none'

/**
 * Evaluates one policy: an explicit Deny wins, else an Allow, else nothing was said.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(policy: Policy, request: PolicyRequest): PolicyVerdict {
  let verdict: PolicyVerdict = 'none'
  const variable: VariableValue = (key) => {
    const values = request.context(contextKey(key))
    return values?.length === 1 ? values[0] : undefined
  }
  for (const statement of policy.statements) {
    // An Allow can add nothing to an Allow.
    if (statement.effect === 'Allow' && verdict === 'allow') continue
    if (!applies(statement, request, variable)) continue
    if (statement.effect === 'Deny') return 'deny'
    verdict = 'allow'
  }
  return verdict
}

function applies(statement: Statement, request: PolicyRequest, variable: VariableValue): boolean {
  const { principals, action, resource, conditions, effect } = statement
  return (
    covers(action, request.action.toLowerCase(), variable, effect) &&
    covers(resource, request.resource, variable, effect) &&
    (principals === undefined ||
      principals.some((principal) => principal.kind === 'everyone' || request.isPrincipal(principal))) &&
    conditions.every((condition) => holds(condition, request.context, variable))
  )
}

function covers({ not, patterns }: PatternList, text: string, variable: VariableValue, effect: string): boolean {
  let isUnresolved = false
  for (const pattern of patterns) {
    const resolved = resolvePattern(pattern, variable)
    if (resolved === undefined) isUnresolved = true
    else if (matchResolved(resolved, text)) return !not
  }
  // What an unresolved exception excepts is unknown: that must neither allow more nor deny less.
  return not && !(isUnresolved && effect === 'Allow')
}
