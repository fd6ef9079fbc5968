import type { AuditDetails } from '@skycrate/contract/audit-actions'
import type { AuditEvents, AuditStats, AuditUserStats } from '@skycrate/contract/audit/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { Readable } from 'node:stream'
import type { Reads } from '../db/reads.ts'
import type { AuditLog, RequestOrigin } from './audit-event.ts'
import { type ExportFormat, exportAuditEvents } from './audit-export.ts'
import type { AuditFilter } from './audit-filter.ts'
import { type PageOfAudit, readAuditEvents } from './audit-reader.ts'
import { readAuditStats, readUserStats, type TimeRange } from './audit-stats.ts'

interface Times {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The log for administrators: each look at it is an event, durable before the answer. It is not in that answer. */
export interface AuditViews {
  /** @throws AppError `invalid-cursor`, `audit-unavailable` */
  logs(page: PageOfAudit, by: UserId, origin: RequestOrigin): Promise<AuditEvents>
  /** A user's own part; nobody else's, so it is no event. @throws AppError `invalid-cursor` */
  mine(page: PageOfAudit, userId: UserId): Promise<AuditEvents>
  stats(times: Times, by: UserId, origin: RequestOrigin): Promise<AuditStats>
  userStats(userId: string, times: Times, by: UserId, origin: RequestOrigin): Promise<AuditUserStats>
  export(filter: AuditFilter, format: ExportFormat, by: UserId, origin: RequestOrigin): Promise<Readable>
}

/** Days of one user's numbers where the request names no time. */
const USER_STATS_DAYS = 90

export function createAuditViews(options: {
  readonly reads: Reads
  readonly audit: AuditLog
  readonly now: () => number
}): AuditViews {
  const { reads, audit, now } = options

  const noted = (
    detail: AuditDetails['audit'],
    by: UserId,
    origin: RequestOrigin,
    targetUserId: UserId | null = null,
  ): Promise<void> =>
    audit.record({
      action: detail.view === 'export' ? 'audit.export' : 'audit.read',
      outcome: 'allow',
      userId: by,
      targetUserId,
      bucket: null,
      key: null,
      reason: null,
      detail,
      origin,
    })

  const rangeOf = ({ from, to }: Times, fallback: number): TimeRange => ({
    from: from === undefined ? fallback : Date.parse(from),
    // A moment ahead: what was recorded in this millisecond belongs to it.
    to: to === undefined ? now() + 1000 : Date.parse(to),
  })

  return {
    async logs(page, by, origin) {
      const { cursor: _, limit: __, ...filter } = page
      const events = await readAuditEvents(reads.current, page)
      await noted({ view: 'logs', filter: given(filter) }, by, origin)
      return events
    },

    mine: (page, userId) => readAuditEvents(reads.current, { ...page, userId }),

    async stats(times, by, origin) {
      const stats = await readAuditStats(reads.recent, rangeOf(times, 0))
      await noted({ view: 'stats', filter: given(times) }, by, origin)
      return stats
    },

    async userStats(userId, times, by, origin) {
      const range = rangeOf(times, now() - USER_STATS_DAYS * 86_400_000)
      const stats = await readUserStats(reads.recent, userId, range)
      await noted({ view: 'user-stats', filter: given({ ...times, userId }) }, by, origin, userId as UserId)
      return stats
    },

    async export(filter, format, by, origin) {
      await noted({ view: 'export', filter: given(filter), format }, by, origin)
      return exportAuditEvents(reads.recent, filter, format)
    },
  }
}

/** What the request named. */
const given = (filter: object): Record<string, string> =>
  Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined))
