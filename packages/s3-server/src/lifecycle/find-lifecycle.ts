import type { Store } from '../store/store.ts'
import type { LifecycleConfiguration } from './lifecycle-configuration.ts'

/** The rules of a bucket, if it has any. */
export const findLifecycle = (store: Store, bucketId: number): LifecycleConfiguration | undefined => {
  const document = store.buckets.setting(bucketId, 'lifecycle')
  return document === undefined ? undefined : (JSON.parse(document) as LifecycleConfiguration)
}
