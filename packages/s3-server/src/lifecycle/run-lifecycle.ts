import { setImmediate as nextTurn } from 'node:timers/promises'
import { lifecycleOrigin } from '../notifications/event-origin.ts'
import type { EventOrigin } from '../events/queued-event.ts'
import type { BlobId } from '../store/blobs/blob-id.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { VersionPlace, WalkedVersion } from '../store/tables/lifecycle-table.ts'
import type { Store } from '../store/store.ts'
import { decideLifecycle, dueAfter } from './decide-lifecycle.ts'
import type { LifecycleSubject } from './decide-lifecycle.ts'
import { findLifecycle } from './find-lifecycle.ts'
import type { LifecycleConfiguration } from './lifecycle-configuration.ts'

/** What a round did. */
export interface LifecycleReport {
  examined: number
  expired: number
  removed: number
  transitioned: number
  abortedUploads: number
}

export interface LifecycleRound {
  /** Milliseconds since 1970: what is due by then is done. */
  readonly now: number
  readonly stopped: () => boolean
  /** Versions or uploads looked at in one transaction. */
  readonly batch?: number
}

const BATCH = 200
/** S3 counts newer versions up to this. */
const MAX_NEWER_VERSIONS = 100

/** A place in a walk, and when the version there was made: since then the one below it is noncurrent. */
interface Cursor extends VersionPlace {
  readonly modifiedAt: number
}

/** One step of a walk; undefined: there is nothing left. */
type Step<T> = { readonly freed: readonly BlobId[]; readonly next: T | undefined }

/** The prefixes that together cover what enabled rules are about, none below another. */
const coveredPrefixes = ({ rules }: LifecycleConfiguration): string[] => {
  const prefixes = new Set(rules.filter(({ enabled }) => enabled).map(({ filter }) => filter.prefix ?? ''))
  return [...prefixes].filter((prefix) => ![...prefixes].some((other) => other !== prefix && prefix.startsWith(other)))
}

const walksVersions = ({ rules }: LifecycleConfiguration): boolean =>
  rules.some(
    ({ enabled, expiration, noncurrentExpiration, transitions, noncurrentTransitions }) =>
      enabled &&
      (expiration !== undefined ||
        noncurrentExpiration !== undefined ||
        transitions.length + noncurrentTransitions.length > 0),
  )

/** A locked version stays until a later round finds it free. */
const remove = (
  store: Store,
  bucket: Bucket,
  { key, versionId }: WalkedVersion,
  origin: EventOrigin,
  report: LifecycleReport,
): readonly BlobId[] => {
  const pass = { now: origin.at, bypassGovernance: false }
  const result = store.objects.deleteVersion(bucket, key, versionId, pass, origin)
  if (result === 'locked') return []
  report.removed += 1
  return result.freed
}

const transition = (
  store: Store,
  bucket: Bucket,
  version: WalkedVersion,
  storageClass: string,
  origin: EventOrigin,
): void => {
  store.lifecycle.setStorageClass(bucket.id, version, storageClass)
  const { key, size, etag, versionId } = version
  store.events.raise(bucket, { name: 'LifecycleTransition', key, size, etag, versionId, storageClass }, origin)
}

const apply = (
  store: Store,
  bucket: Bucket,
  rules: LifecycleConfiguration,
  version: WalkedVersion,
  place: LifecycleSubject['place'],
  origin: EventOrigin,
  report: LifecycleReport,
): readonly BlobId[] => {
  const { key } = version
  const action = decideLifecycle(rules, { ...version, place }, origin.at)
  switch (action.kind) {
    case 'none':
      return []
    case 'expire':
      report.expired += 1
      return store.objects.delete(bucket, key, origin.at, origin).freed
    case 'remove':
      return remove(store, bucket, version, origin, report)
    case 'transition':
      report.transitioned += 1
      transition(store, bucket, version, action.storageClass, origin)
      return []
  }
}

/**
 * Looks at one batch of versions and does what is due, in one transaction: nothing can change between the look and the
 * deed, and no batch holds up requests for long.
 */
const stepVersions = (
  store: Store,
  name: string,
  prefix: string,
  from: Cursor | undefined,
  round: LifecycleRound,
  report: LifecycleReport,
): Step<Cursor> => {
  const bucket = store.buckets.find(name)
  const rules = bucket === undefined ? undefined : findLifecycle(store, bucket.id)
  if (bucket === undefined || rules === undefined) return { freed: [], next: undefined }
  const batch = round.batch ?? BATCH
  const rows =
    from === undefined
      ? store.lifecycle.versionsFrom(bucket.id, prefix, batch + 1)
      : store.lifecycle.versionsAfter(bucket.id, from, batch + 1)
  const origin = lifecycleOrigin(round.now)
  const freed: BlobId[] = []
  let previous = from
  // Counted afresh: what was above may have gone since the last batch, and then the first one here is current.
  let above = from === undefined ? 0 : store.lifecycle.newerVersions(bucket.id, from, MAX_NEWER_VERSIONS + 1)
  for (const [at, row] of rows.slice(0, batch).entries()) {
    if (!row.key.startsWith(prefix)) return { freed, next: undefined }
    if (row.key !== previous?.key) above = 0
    const place: LifecycleSubject['place'] =
      above === 0 || previous === undefined
        ? { kind: 'current', isOnly: rows[at + 1]?.key !== row.key }
        : { kind: 'noncurrent', since: previous.modifiedAt, newerVersions: above - 1 }
    freed.push(...apply(store, bucket, rules, row, place, origin, report))
    report.examined += 1
    above += 1
    previous = row
  }
  return { freed, next: rows.length > batch ? previous : undefined }
}

const stepUploads = (
  store: Store,
  name: string,
  from: { readonly key: string; readonly id: string },
  { now, batch = BATCH }: LifecycleRound,
  report: LifecycleReport,
): Step<{ readonly key: string; readonly id: string }> => {
  const bucket = store.buckets.find(name)
  const rules = bucket === undefined ? [] : (findLifecycle(store, bucket.id)?.rules ?? [])
  const aborting = rules.filter(({ enabled, abortUploadsAfterDays }) => enabled && abortUploadsAfterDays !== undefined)
  if (bucket === undefined || aborting.length === 0) return { freed: [], next: undefined }
  const freed: BlobId[] = []
  const uploads = store.lifecycle.uploadsAfter(bucket.id, from.key, from.id, batch)
  for (const { key, id, initiatedAt } of uploads) {
    report.examined += 1
    const isDue = aborting.some(
      ({ filter, abortUploadsAfterDays = 0 }) =>
        key.startsWith(filter.prefix ?? '') && now >= dueAfter(initiatedAt, abortUploadsAfterDays),
    )
    const upload = isDue ? store.uploads.find(bucket.id, key, id) : undefined
    if (upload === undefined) continue
    freed.push(...store.uploads.abort(upload))
    report.abortedUploads += 1
  }
  return { freed, next: uploads.length < batch ? undefined : uploads.at(-1) }
}

const walk = async <T>(store: Store, first: T, step: (from: T) => Step<T>, stopped: () => boolean): Promise<void> => {
  let from: T | undefined = first
  while (from !== undefined && !stopped()) {
    const at: T = from
    ;({ next: from } = await store.change(() => step(at)))
    await nextTurn()
  }
}

const runBucket = async (store: Store, name: string, round: LifecycleRound, report: LifecycleReport): Promise<void> => {
  const bucket = store.buckets.find(name)
  const rules = bucket === undefined ? undefined : findLifecycle(store, bucket.id)
  if (rules === undefined) return
  await walk(store, { key: '', id: '' }, (from) => stepUploads(store, name, from, round, report), round.stopped)
  if (!walksVersions(rules)) return
  for (const prefix of coveredPrefixes(rules)) {
    await walk<{ readonly cursor: Cursor | undefined }>(
      store,
      { cursor: undefined },
      ({ cursor }) => {
        const { freed, next } = stepVersions(store, name, prefix, cursor, round, report)
        return { freed, next: next === undefined ? undefined : { cursor: next } }
      },
      round.stopped,
    )
  }
}

/** Does what the lifecycle rules of all buckets ask for by `round.now`, in small steps between which requests go on. */
export const runLifecycle = async (store: Store, round: LifecycleRound): Promise<LifecycleReport> => {
  const report: LifecycleReport = { examined: 0, expired: 0, removed: 0, transitioned: 0, abortedUploads: 0 }
  let after = ''
  for (;;) {
    const buckets = store.buckets.list('', after, BATCH)
    for (const { name } of buckets) {
      if (round.stopped()) return report
      await runBucket(store, name, round, report)
      after = name
    }
    if (buckets.length < BATCH) return report
  }
}
