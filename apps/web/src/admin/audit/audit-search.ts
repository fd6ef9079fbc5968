import { type AuditAction, isAuditAction } from '@skycrate/contract/audit-actions'
import type { Outcome } from '@skycrate/contract/audit/schemas'

/** The filters of the audit log as they stand in the address; times in ISO 8601. */
export interface AuditSearch {
  readonly action?: AuditAction
  readonly outcome?: Outcome
  readonly userId?: string
  readonly bucket?: string
  readonly prefix?: string
  readonly requestId?: string
  readonly from?: string
  readonly to?: string
}

const OUTCOMES: Readonly<Record<Outcome, true>> = { allow: true, deny: true, error: true }

const isOutcome = (value: unknown): value is Outcome => typeof value === 'string' && Object.hasOwn(OUTCOMES, value)

const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value))

const textOf = (search: Record<string, unknown>, name: keyof AuditSearch, maxLength: number): AuditSearch => {
  const value = search[name]
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? { [name]: value } : {}
}

/** Leaves out what the API would refuse: an old or mistyped address shows a log rather than an error. */
export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { action, outcome, from, to } = search
  return {
    ...textOf(search, 'userId', 64),
    ...textOf(search, 'bucket', 255),
    ...textOf(search, 'prefix', 1024),
    ...textOf(search, 'requestId', 64),
    ...(typeof action === 'string' && isAuditAction(action) ? { action } : {}),
    ...(isOutcome(outcome) ? { outcome } : {}),
    ...(isTime(from) ? { from: new Date(from).toISOString() } : {}),
    ...(isTime(to) ? { to: new Date(to).toISOString() } : {}),
  }
}
