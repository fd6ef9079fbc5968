import type { ProblemCode } from './problem.ts'
import type { Route } from './route.ts'

/**
 * Every code that a route may answer with: those that it names, and those that follow from what it takes and whom it lets
 * in. The server reports any other as a fault of its own.
 */
export function problemsOf(route: Route): ReadonlySet<ProblemCode> {
  const codes = new Set<ProblemCode>([...route.problems, 'invalid-request', 'internal'])
  const add = (...more: ProblemCode[]): void => more.forEach((code) => codes.add(code))
  if (route.body || route.upload) add('payload-too-large', 'unsupported-media-type')
  if (route.versioned) add('precondition-failed')
  if (route.signsIn) add('cross-site-request')
  if (route.audience !== 'anyone') {
    add('insufficient-scope', 'unauthenticated', 'invalid-token', 'token-expired', 'account-suspended')
    // Of a session cookie.
    add('session-ended', 'cross-site-request')
    add('issuer-unavailable', 'database-unavailable', 'too-many-requests')
    // A refused token is an event of its own.
    add('audit-unavailable')
  }
  if (route.audience !== 'anyone' && !route.withoutSecondFactor) add('second-factor-required')
  if (route.fresh) add('fresh-authentication-required')
  if (route.audience === 'admin') add('forbidden')
  return codes
}
