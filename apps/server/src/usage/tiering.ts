import { bucketUpdated } from '../buckets/bucket-updated.ts'
import type { BucketRules, RulesChange, TieringRule } from '@skycrate/contract/storage/rule-schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import { SMALLEST_MOVED } from '@skycrate/core/economics/simulate'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { BucketRef } from '../buckets/bucket-records.ts'
import { withLock } from '../buckets/with-lock.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import { classMistake } from '../stores/storage-classes.ts'
import type { TieringStore } from '../stores/tiering-store.ts'
import { noteApplied } from './applied-rules.ts'
import { requireReadyBucket } from './ready-bucket.ts'

const LOCK_WAIT_MS = 20_000
/** Days before which S3 moves nothing into these classes. */
const LEAST_DAYS: Readonly<Record<string, number>> = { STANDARD_IA: 30, ONEZONE_IA: 30 }

export interface TieringUse {
  readonly database: Database
  readonly audit: AuditLog
  readonly storeOf: (id: StoreId) => TieringStore
  readonly storageClasses: readonly string[]
  readonly now: () => number
}

/** @throws AppError `not-found`, `conflict`, `bucket-missing` */
export async function readRules(use: TieringUse, ref: BucketRef): Promise<BucketRules> {
  await requireReadyBucket(use.database, ref)
  const found = await use.storeOf(ref.store).readTiering(ref.bucket)
  if (!found.ok) throw bucketMissing(ref.bucket)
  const { rules, others, version } = found.value
  return { rules: [...rules], others, version, before: null }
}

/**
 * Replaces SkyCrate's own rules of a bucket; those of others stay. With `preview`, only says what would be.
 * @param ifMatch the version that the caller has read; undefined: whatever stands there
 * @returns the rules with those that stood there before, which undo the change
 * @throws AppError `not-found`, `conflict`, `bucket-missing`, `invalid-request`, `precondition-failed`, `store-refused`
 */
export async function changeRules(
  use: TieringUse,
  ref: BucketRef,
  change: RulesChange,
  by: { readonly userId: UserId; readonly origin: RequestOrigin; readonly ifMatch: string | undefined },
): Promise<BucketRules> {
  checkRules(change.rules, use.storageClasses)
  return withLock(use.database, `skycrate.bucket:${ref.store}/${ref.bucket}`, LOCK_WAIT_MS, async () => {
    const before = await readRules(use, ref)
    if (by.ifMatch !== undefined && by.ifMatch !== '*' && by.ifMatch !== `"${before.version}"`) throw changed()
    if (change.preview === true) return { ...before, rules: change.rules, before: before.rules }
    const event = bucketUpdated(ref, by, { before: { rules: before.rules }, changed: { rules: change.rules } })
    await use.audit.record(event)
    try {
      const result = await use.storeOf(ref.store).changeTiering(ref.bucket, change.rules, before.version)
      if (result.ok) {
        const { rules, others, version } = result.value
        await noteApplied(use.database, ref, rules, use.now())
        return { rules: [...rules], others, version, before: before.rules }
      }
      switch (result.reason) {
        case 'no-such-bucket':
          throw bucketMissing(ref.bucket)
        case 'changed':
          throw changed()
        case 'not-kept':
          throw new AppError('store-refused', 'The store took the rules and keeps others or none.')
      }
    } catch (error) {
      const reason = error instanceof AppError ? error.code : 'internal'
      await use.audit.record({ ...event, outcome: 'error', reason }).catch(() => undefined)
      throw error
    }
  })
}

const changed = (): AppError =>
  new AppError('precondition-failed', 'Somebody else has changed the rules since you read them. Read them again.')

/** @throws AppError `invalid-request` that names each mistake */
function checkRules(rules: readonly TieringRule[], classes: readonly string[]): void {
  const errors: { path: string; message: string }[] = []
  const seen = new Set<string>()
  for (const [at, rule] of rules.entries()) {
    const { prefix, state, toClass, afterDays, tag, minBytes } = rule
    const wrong = (field: string, message: string): void => void errors.push({ path: `/rules/${at}${field}`, message })
    if (prefix !== '' && !prefix.endsWith('/')) wrong('/prefix', "must be '' or end in '/'")
    if (toClass === null && state === 'current')
      wrong('/toClass', 'is needed: a rule here never deletes what people see')
    if (toClass !== null && state === 'upload') wrong('/toClass', 'must be null: unfinished uploads are deleted')
    if (state === 'upload' && (tag !== undefined || minBytes !== 0)) {
      wrong('', 'must have no tag and minBytes 0: S3 knows neither of unfinished uploads')
    }
    if (toClass === null && afterDays < 1) wrong('/afterDays', 'must be at least 1')
    if (toClass !== null) {
      const mistake = toClass === 'STANDARD' ? 'cannot be STANDARD: rules move objects to colder classes' : undefined
      const found = mistake ?? classMistake(toClass, classes)
      if (found !== undefined) wrong('/toClass', found)
      const least = LEAST_DAYS[toClass] ?? 0
      if (afterDays < least) wrong('/afterDays', `must be at least ${least} for ${toClass}`)
      if (minBytes < SMALLEST_MOVED)
        wrong('/minBytes', `must be at least ${SMALLEST_MOVED}: smaller objects cost more in ${toClass}`)
    }
    const name = JSON.stringify(rule)
    if (seen.has(name)) wrong('', 'is there twice')
    seen.add(name)
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
