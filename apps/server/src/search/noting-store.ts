import type { StoreId } from '@skycrate/core/naming/store'
import type { Store } from '../stores/store.ts'
import type { Stores } from '../stores/stores.ts'
import { RESERVED_PREFIX } from '../thumbnails/thumbnail-rows.ts'
import type { NameEntry } from './name-rows.ts'
import type { NotedNames } from './noted-names.ts'

/** All stores, each as `notingStore` has it. */
export function notingStores(stores: Stores, names: NotedNames): Stores {
  const noting = new Map<StoreId, Store>()
  return {
    ...stores,
    storeOf(id) {
      let store = noting.get(id)
      if (!store) noting.set(id, (store = notingStore(stores.storeOf(id), names)))
      return store
    },
  }
}

/** A store whose changes and listings the index of names hears of. */
export function notingStore(store: Store, names: NotedNames): Store {
  const seen = (bucket: string, entries: readonly NameEntry[]): void => {
    const own = entries.filter(({ key }) => !key.startsWith(RESERVED_PREFIX))
    if (own.length > 0) names.seen(store.id, bucket, own)
  }
  const noting: Pick<
    Store,
    'listObjects' | 'headObject' | 'deleteObject' | 'deleteObjects' | 'copyObject' | 'putEmptyObject' | 'completeUpload'
  > = {
    async listObjects(request) {
      const answer = await store.listObjects(request)
      // Jobs that walk through a bucket have their own ways.
      if (answer.ok && request.startAfter === undefined) {
        seen(request.bucket, [
          ...(request.delimiter === '/' ? answer.value.prefixes.map((key) => ({ key })) : []),
          ...answer.value.objects.map(({ key, size, lastModified }) => ({ key, size, modifiedAt: lastModified })),
        ])
      }
      return answer
    },
    async headObject(bucket, key) {
      const head = await store.headObject(bucket, key)
      if (head) seen(bucket, [{ key, size: head.size, modifiedAt: head.lastModified }])
      return head
    },
    async deleteObject(bucket, key) {
      const answer = await store.deleteObject(bucket, key)
      if (answer.ok) names.deleted(store.id, bucket, [key])
      return answer
    },
    async deleteObjects(bucket, keys) {
      const answer = await store.deleteObjects(bucket, keys)
      if (answer.ok) names.deleted(store.id, bucket, keys)
      return answer
    },
    async copyObject(request) {
      const answer = await store.copyObject(request)
      if (answer.ok) seen(request.to.bucket, [{ key: request.to.key, size: request.from.size, modifiedAt: new Date() }])
      return answer
    },
    async putEmptyObject(bucket, key) {
      const answer = await store.putEmptyObject(bucket, key)
      if (answer.ok) seen(bucket, [{ key, ...(key.endsWith('/') ? {} : { size: 0 }), modifiedAt: new Date() }])
      return answer
    },
    async completeUpload(request) {
      const answer = await store.completeUpload(request)
      if (answer.ok) seen(request.bucket, [{ key: request.key, modifiedAt: new Date() }])
      return answer
    },
  }
  return { ...store, ...noting }
}
