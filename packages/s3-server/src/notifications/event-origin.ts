import { randomBytes } from 'node:crypto'
import { namesOf } from '../auth/identity.ts'
import type { EventOrigin } from '../events/queued-event.ts'
import type { RequestContext } from '../request-context.ts'

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
