import { parseLockTime } from '../objects/lock-time.ts'
import type { Resource, S3Request } from '../request-context.ts'

const PREFIX = 's3:object-lock-'
const DAY = 86_400_000

interface LockAsked {
  readonly request: S3Request
  readonly resource: Resource
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * What a policy's conditions may know of the lock that a request asks for, by its body or by its headers. Days that have
 * begun count as whole ones.
 *
 * @returns undefined for any other key, and for what the request does not ask for
 */
export const lockCondition = (key: string, { request: { headers }, resource, now }: LockAsked): string | undefined => {
  if (!key.startsWith(PREFIX)) return undefined
  const { lock } = resource
  const mode = lock === undefined ? headers.get('x-amz-object-lock-mode') : lock.retention?.mode
  const until =
    lock === undefined ? parseLockTime(headers.get('x-amz-object-lock-retain-until-date') ?? '') : lock.retention?.until
  switch (key.slice(PREFIX.length)) {
    case 'mode':
      return mode
    case 'retain-until-date':
      return until === undefined ? undefined : new Date(until).toISOString()
    case 'remaining-retention-days':
      return until === undefined ? undefined : String(Math.ceil((until - now) / DAY))
    case 'legal-hold':
      return lock === undefined ? headers.get('x-amz-object-lock-legal-hold') : lock.legalHold
    default:
      return undefined
  }
}
