import { randomBytes } from 'node:crypto'
import { namesOf } from '../auth/identity.ts'
import type { RequestContext } from '../request-context.ts'

/** Who and what brought a change about, for the events that it raises. */
export interface EventOrigin {
  readonly by: 'request' | 'lifecycle'
  /** Milliseconds since 1970. */
  readonly at: number
  readonly requestId: string
  readonly principalId: string
  readonly address: string
}

const LIFECYCLE = 's3.amazonaws.com'

/** A request is the origin of what it changes. */
export const requestOrigin = ({ request, principal, now }: RequestContext): EventOrigin => {
  const names = namesOf(principal.identity)
  return {
    by: 'request',
    at: now,
    requestId: request.id,
    principalId: names === undefined ? 'Anonymous' : `AWS:${names.userId}`,
    address: request.peer.address.replace(/^::ffff:(?=[0-9.]+$)/, ''),
  }
}

/** Lifecycle rules act in S3's own name. @param now milliseconds since 1970 */
export const lifecycleOrigin = (now: number): EventOrigin => ({
  by: 'lifecycle',
  at: now,
  requestId: randomBytes(8).toString('hex').toUpperCase(),
  principalId: LIFECYCLE,
  address: LIFECYCLE,
})
