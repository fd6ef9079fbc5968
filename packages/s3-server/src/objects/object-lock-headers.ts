import { authorise } from '../auth/authorise.ts'
import type { HeaderReader } from '../http/header-reader.ts'
import { parseLockTime } from './lock-time.ts'
import type { RequestContext, Resource } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { LOCK_MODES } from '../store/tables/object-lock.ts'
import type { LockPass, Retention, VersionLock } from '../store/tables/object-lock.ts'

const MODE = 'x-amz-object-lock-mode'
const UNTIL = 'x-amz-object-lock-retain-until-date'
const HOLD = 'x-amz-object-lock-legal-hold'
const BYPASS = 'x-amz-bypass-governance-retention'

const invalid = (message: string, name: string): S3Error =>
  new S3Error('InvalidArgument', { message, fields: { ArgumentName: name } })

const readRetention = (headers: HeaderReader, now: number): Retention | undefined => {
  const modeText = headers.get(MODE)
  const untilText = headers.get(UNTIL)
  if (modeText === undefined && untilText === undefined) return undefined
  if (modeText === undefined || untilText === undefined) {
    throw invalid(`${UNTIL} and ${MODE} must both be supplied`, modeText === undefined ? MODE : UNTIL)
  }
  const mode = LOCK_MODES.find((name) => name === modeText)
  if (mode === undefined) throw invalid('Unknown wormMode directive.', MODE)
  const until = parseLockTime(untilText)
  if (until === undefined) throw invalid('The retain until date must be provided in ISO 8601 format', UNTIL)
  if (until <= now) throw invalid('The retain until date must be in the future!', UNTIL)
  return { mode, until }
}

/** @throws S3Error InvalidRequest */
export const requireObjectLock = (bucket: Bucket): void => {
  if (bucket.objectLock === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' })
  }
}

/**
 * What an upload asks its version to be locked with; each needs a right of its own.
 *
 * @throws S3Error InvalidRequest (a bucket without object lock), InvalidArgument or AccessDenied
 */
export const readVersionLock = ({ request, principal, now }: RequestContext, bucket: Bucket): VersionLock => {
  const retention = readRetention(request.headers, now)
  const legalHold = request.headers.get(HOLD)
  if (retention === undefined && legalHold === undefined) return {}
  if (legalHold !== undefined && legalHold !== 'ON' && legalHold !== 'OFF') {
    throw invalid("Legal Hold must be either of 'ON' or 'OFF'", HOLD)
  }
  requireObjectLock(bucket)
  const resource = { bucket: bucket.name, key: request.key ?? '' }
  if (retention !== undefined) authorise(principal, 's3:PutObjectRetention', resource)
  if (legalHold !== undefined) authorise(principal, 's3:PutObjectLegalHold', resource)
  return { ...(retention === undefined ? {} : { retention }), ...(legalHold === undefined ? {} : { legalHold }) }
}

/**
 * With what right a request touches locked versions of a key.
 *
 * @throws S3Error AccessDenied when it asks to bypass governance and may not
 */
export const readLockPass = ({ request, principal, now }: RequestContext, resource: Resource): LockPass => {
  const bypassGovernance = request.headers.get(BYPASS)?.toLowerCase() === 'true'
  if (bypassGovernance) authorise(principal, 's3:BypassGovernanceRetention', resource)
  return { now, bypassGovernance }
}

/** The refusal of a deletion. */
export const lockedError = (): S3Error =>
  new S3Error('AccessDenied', { message: 'Access Denied because object protected by object lock.' })

/** What GET and HEAD tell of a version's lock to those who may ask for it. */
export const versionLockHeaders = (
  { request, principal }: RequestContext,
  bucket: Bucket,
  { retention, legalHold }: VersionLock,
): Record<string, string> => {
  const resource = { bucket: bucket.name, key: request.key ?? '' }
  const hold = legalHold !== undefined && principal.may('s3:GetObjectLegalHold', resource) ? legalHold : undefined
  const shown = retention !== undefined && principal.may('s3:GetObjectRetention', resource) ? retention : undefined
  return {
    ...(shown === undefined ? {} : { [MODE]: shown.mode, [UNTIL]: new Date(shown.until).toISOString() }),
    ...(hold === undefined ? {} : { [HOLD]: hold }),
  }
}
