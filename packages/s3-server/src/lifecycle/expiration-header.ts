import type { ObjectVersion } from '../store/tables/object-version.ts'
import type { Store } from '../store/store.ts'
import { dueAfter, nextExpiration } from './decide-lifecycle.ts'
import { findLifecycle } from './find-lifecycle.ts'

/** When a current version will expire and by which rule, as S3 tells it. */
export const expirationHeader = (
  store: Store,
  bucketId: number,
  { key, size, modifiedAt, attributes }: Pick<ObjectVersion, 'key' | 'size' | 'modifiedAt' | 'attributes'>,
): Record<string, string> => {
  const rules = findLifecycle(store, bucketId)
  const next = rules === undefined ? undefined : nextExpiration(rules, { key, size, modifiedAt, tags: attributes.tags })
  if (next === undefined) return {}
  const date = new Date(next.at).toUTCString()
  return { 'x-amz-expiration': `expiry-date="${date}", rule-id="${encodeURIComponent(next.ruleId)}"` }
}

/** When an unfinished upload will be aborted and by which rule. */
export const abortHeaders = (
  store: Store,
  bucketId: number,
  { key, initiatedAt }: { readonly key: string; readonly initiatedAt: number },
): Record<string, string> => {
  const [first] = (findLifecycle(store, bucketId)?.rules ?? [])
    .filter(({ enabled, filter }) => enabled && key.startsWith(filter.prefix ?? ''))
    .flatMap(({ id, abortUploadsAfterDays: days }) => (days === undefined ? [] : [{ id, days }]))
    .toSorted((a, b) => a.days - b.days)
  if (first === undefined) return {}
  return {
    'x-amz-abort-date': new Date(dueAfter(initiatedAt, first.days)).toUTCString(),
    'x-amz-abort-rule-id': encodeURIComponent(first.id),
  }
}
