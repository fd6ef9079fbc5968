export const LOCK_MODES = ['GOVERNANCE', 'COMPLIANCE'] as const

export type LockMode = (typeof LOCK_MODES)[number]

/** Until when a version can't be deleted, and whether anybody may shorten that. */
export interface Retention {
  readonly mode: LockMode
  /** Milliseconds since 1970. */
  readonly until: number
}

/** What locks a version. */
export interface VersionLock {
  readonly retention?: Retention
  readonly legalHold?: 'ON' | 'OFF'
}

/** A bucket's object lock: what new versions get that come without a retention of their own. */
export interface ObjectLock {
  readonly defaultRetention?: {
    readonly mode: LockMode
    readonly unit: 'Days' | 'Years'
    readonly count: number
  }
}

/** With what right a locked version is touched. */
export interface LockPass {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly bypassGovernance: boolean
}

const DAY = 86_400_000

/** Whether a version must not be deleted. */
export const isLocked = ({ retention, legalHold }: VersionLock, { now, bypassGovernance }: LockPass): boolean =>
  legalHold === 'ON' ||
  (retention !== undefined && retention.until > now && !(retention.mode === 'GOVERNANCE' && bypassGovernance))

/**
 * Whether a retention may take the place of another. Extending one of the same mode always may; compliance can't be
 * left, and governance only with the right to bypass it.
 */
export const mayRetain = (
  old: Retention | undefined,
  wanted: Retention | undefined,
  { now, bypassGovernance }: LockPass,
): boolean => {
  if (old === undefined || old.until <= now) return true
  if (wanted?.mode === old.mode && wanted.until >= old.until) return true
  return old.mode === 'GOVERNANCE' && bypassGovernance
}

/** The retention of a version made at `now` in such a bucket. */
export const defaultRetention = ({ defaultRetention: rule }: ObjectLock, now: number): Retention | undefined => {
  if (rule === undefined) return undefined
  const { mode, unit, count } = rule
  if (unit === 'Days') return { mode, until: now + count * DAY }
  const until = new Date(now)
  until.setUTCFullYear(until.getUTCFullYear() + count)
  return { mode, until: until.getTime() }
}
