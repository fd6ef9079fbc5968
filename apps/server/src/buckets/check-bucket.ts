import type { BucketCheck } from '@skycrate/contract/buckets/schemas'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'
import type { BucketContext } from './bucket-context.ts'
import { type BucketRef, findBucket } from './bucket-records.ts'
import { reasonOf } from './inspect-settings.ts'

type May = BucketCheck['may'][number]

/**
 * Looks whether a bucket can be reached and what SkyCrate's keys may do there. Nothing is written to find out.
 * @throws AppError `not-found` for an unknown store, `store-unavailable`, `store-refused`
 */
export async function checkBucket(
  ref: BucketRef,
  { database, storeOf }: Pick<BucketContext, 'database' | 'storeOf'>,
): Promise<BucketCheck> {
  const store = storeOf(ref.store)
  const { presence, region } = await store.findBucket(ref.bucket)
  const record = await findBucket(database, ref)
  return {
    store: ref.store,
    name: ref.bucket,
    presence,
    region: presence === 'absent' ? null : (region ?? store.region),
    known: record !== undefined && record.state !== 'deleted' && record.state !== 'collided',
    may: presence === 'owned' ? await rightsIn(ref.bucket, store) : [],
  }
}

function rightsIn(bucket: string, store: Store): Promise<May[]> {
  return Promise.all([
    attempt('list-objects', () => store.listObjects({ bucket, prefix: '', limit: 1 })),
    attempt('list-versions', () => store.countContents(bucket, '', { key: '\u{10ffff}', versionId: undefined })),
    attempt('read-settings', async () => {
      const inspection = await store.inspectSetting(bucket, { kind: 'versioning' })
      if (inspection.outcome !== 'read') throw new AppError('store-refused', inspection.reason)
    }),
  ])
}

async function attempt(what: May['what'], work: () => Promise<unknown>): Promise<May> {
  try {
    await work()
    return { what, allowed: true, reason: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { what, allowed: false, reason: reasonOf(error) }
  }
}
