import { failureOf, type Gate } from '../access/gate.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Job } from '../jobs/job.ts'
import type { CopyRequest, CopyResult, ObjectHead } from '../stores/copy-store.ts'
import type { Meter } from '../quotas/meter.ts'
import type { Store } from '../stores/store.ts'
import type { Outcome, TransferInput } from './object-jobs.ts'
import { freeName, type Planned } from './plan-transfers.ts'
import { taken } from './transfer-target.ts'

/** The store's clock and ours may differ by so much, in milliseconds. */
const CLOCK_DIFFERENCE = 60_000
/** Times that a source is looked at again since somebody writes to it. */
const TRIES = 5

/** Milliseconds that a copy takes at most. */
const COPY_MS = 3_600_000

interface Step {
  readonly kind: 'copy' | 'move'
  readonly gate: Gate
  readonly meter: Meter
  readonly store: Store
  readonly job: Job<TransferInput>
  readonly planned: Planned
  /** Whether an earlier try may have done it already. */
  readonly resumed: boolean
  readonly parts: NonNullable<CopyRequest['parts']>
  /** Its copy is at this key, and the source is gone. */
  readonly onMoved: (toKey: string) => void
}

/** Copies one object and, for a move, deletes it once its copy has been looked at. */
export async function transferOne(step: Step): Promise<Outcome> {
  const { kind, store, job, planned, resumed } = step
  const { from, to } = job.input
  if (resumed) {
    const there = await store.headObject(to, planned.to)
    if (there !== undefined && isOurs(there, planned)) {
      return kind === 'copy' ? 'done' : deleteSource(step, planned.to, planned.etag)
    }
  }
  let { etag, size, storageClass } = planned
  let target = planned.to
  for (let tries = 0; tries < TRIES; tries++) {
    const result = await copy(step, target, { etag, size, storageClass })
    if (result.ok) {
      if (kind === 'copy') return 'done'
      const copied = await store.headObject(to, target)
      if (copied?.size !== size || (result.value.etag !== '' && copied.etag !== result.value.etag)) {
        // Replaced by somebody within these milliseconds, or a store that did not keep it: the source stays.
        return 'changed'
      }
      return deleteSource(step, target, etag)
    }
    switch (result.reason) {
      case 'no-such-bucket':
        throw bucketMissing(to)
      case 'no-such-key':
        return 'missing'
      case 'archived':
        return 'failed'
      case 'exists':
        switch (job.input.onConflict) {
          case 'skip':
            return 'skipped'
          case 'keep-both':
            target = await freeName(store, to, target, new Set())
            break
          case 'fail':
          case 'replace':
            throw taken(target)
        }
        break
      case 'source-changed': {
        const now = await store.headObject(from, planned.from)
        if (now === undefined) return 'missing'
        ;({ etag, size, storageClass } = now)
      }
    }
  }
  return 'changed'
}

/** Decided on and recorded, then done. */
async function copy(
  { kind, gate, meter, store, job, planned, parts }: Step,
  toKey: string,
  source: Pick<CopyRequest['from'], 'etag' | 'size' | 'storageClass'>,
): Promise<CopyResult> {
  const { caller, origin, store: storeId, from, to } = job.input
  const write = { action: 'write', store: storeId, bucket: to, key: toKey } as const
  const read = { action: 'read', store: storeId, bucket: from, key: planned.from } as const
  const remove = { action: 'delete', store: storeId, bucket: from, key: planned.from } as const
  const auditAs = kind === 'copy' ? 'object.copy' : 'object.move'
  await gate.passAll(caller, kind === 'copy' ? [write, read] : [write, read, remove], auditAs, origin, {
    from: { bucket: from, key: planned.from },
    jobId: job.id,
  })
  const place = { store: storeId, bucket: to, key: toKey }
  try {
    if (meter.isOn()) await meter.reserve(place, source.size, Date.now() + COPY_MS, kind === 'move' ? read : undefined)
    const result = await store.copyObject({
      from: { bucket: from, key: planned.from, ...source },
      to: { bucket: to, key: toKey },
      ifAbsent: !planned.replace,
      parts,
    })
    await meter.settle(place)
    if (!result.ok) await gate.failed(caller, write, auditAs, origin, result.reason)
    return result
  } catch (error) {
    if (!job.signal.aborted) await gate.failed(caller, write, auditAs, origin, failureOf(error))
    throw error
  }
}

/** The end of a move. What was written since the copy was made is not deleted. */
async function deleteSource(step: Step, toKey: string, etag: string): Promise<Outcome> {
  const { gate, meter, store, job, planned, onMoved } = step
  const { caller, origin, store: storeId, from, to } = job.input
  const source = await store.headObject(from, planned.from)
  if (source === undefined) {
    onMoved(toKey)
    return 'done'
  }
  if (source.etag !== etag) return 'changed'
  const operation = { action: 'delete', store: storeId, bucket: from, key: planned.from } as const
  await gate.pass(caller, operation, 'object.delete', origin, { to: { bucket: to, key: toKey }, jobId: job.id })
  try {
    if (meter.isOn()) await meter.watch(operation, Date.now())
    const result = await store.deleteObject(from, planned.from)
    if (!result.ok) throw bucketMissing(from)
    await meter.settle(operation)
    onMoved(toKey)
    return 'done'
  } catch (error) {
    await gate.failed(caller, operation, 'object.delete', origin, failureOf(error))
    throw error instanceof AppError ? error : new AppError('internal', undefined, { cause: error })
  }
}

/**
 * Whether what is at the target is the copy of an earlier try. The target was free, or to be replaced, when it was chosen.
 * Sums tell it for certain; without them, what has come since then with the same size is ours.
 */
export function isOurs(there: ObjectHead, planned: Planned): boolean {
  if (there.size !== planned.size) return false
  if (there.etag === planned.etag) return true
  if (there.etagIsSum && /^[0-9a-f]{32}$/.test(planned.etag)) return false
  return there.lastModified.getTime() >= planned.at - CLOCK_DIFFERENCE
}
