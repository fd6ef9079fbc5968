import { isLifecycleConfiguration } from '../lifecycle.ts'
import type { Store } from './store.ts'

const DAY = 86_400_000
const BATCH = 100

/** Aborts uploads that a lifecycle rule's AbortIncompleteMultipartUpload has run out for. */
export const abortStaleUploads = async (store: Store, now: number, stopped: () => boolean): Promise<void> => {
  let after = ''
  for (;;) {
    const buckets = store.buckets.list('', after, BATCH)
    for (const bucket of buckets) {
      after = bucket.name
      const document = store.buckets.setting(bucket.id, 'lifecycle')
      const lifecycle: unknown = document === undefined ? undefined : JSON.parse(document)
      if (!isLifecycleConfiguration(lifecycle)) continue
      for (const rule of lifecycle.rules) {
        if (!rule.enabled || rule.abortUploadsAfterDays === undefined || stopped()) continue
        const before = now - rule.abortUploadsAfterDays * DAY
        for (let more = true; more && !stopped();) {
          const stale = store.uploads.stale(bucket.id, rule.prefix, before, BATCH)
          more = stale.length === BATCH
          for (const { key, id } of stale) {
            await store.change(() => {
              const open = store.uploads.find(bucket.id, key, id)
              return { freed: open === undefined ? [] : store.uploads.abort(open) }
            })
          }
        }
      }
    }
    if (buckets.length < BATCH || stopped()) return
  }
}
