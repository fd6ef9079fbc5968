import type { UserId } from '@skycrate/core/naming/id'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'

/** Records that a caller had too many requests of a kind, and refuses. @throws AppError `too-many-requests` */
export async function refuseThrottled(
  audit: AuditLog,
  userId: UserId | null,
  limit: string,
  retryAfter: number,
  origin: RequestOrigin,
): Promise<never> {
  await audit.record({
    action: 'request.throttle',
    outcome: 'deny',
    userId,
    bucket: null,
    key: null,
    reason: 'throttled',
    detail: { limit },
    origin,
  })
  throw new AppError('too-many-requests', 'You send requests faster than this server allows.', { retryAfter })
}
