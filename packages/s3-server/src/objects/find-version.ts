import type { Query } from '../http/query.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'
import type { Store } from '../store/store.ts'

/**
 * The version a read is about: the one named, else the current one.
 *
 * @throws S3Error NoSuchKey, NoSuchVersion or MethodNotAllowed (the version is a delete marker)
 */
export const findVersion = (
  store: Store,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion => {
  if (versionId === undefined) {
    const current = store.objects.current(bucket.id, key)
    if (current !== undefined) return current
    const marker = store.objects.hidingMarker(bucket.id, key)
    throw new S3Error('NoSuchKey', {
      fields: { Key: key },
      ...(marker === undefined
        ? {}
        : { headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId } }),
    })
  }
  const found = store.objects.find(bucket.id, key, versionId)
  if (found === undefined) throw new S3Error('NoSuchVersion', { fields: { Key: key, VersionId: versionId } })
  if (found.kind === 'object') return found.version
  throw new S3Error('MethodNotAllowed', {
    headers: {
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': versionId,
      'last-modified': new Date(found.marker.modifiedAt).toUTCString(),
      allow: 'DELETE',
    },
  })
}

/** What a delete takes away or hides; undefined for nothing, and for a delete marker. */
export const versionToDelete = (
  store: Store,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion | undefined => {
  if (versionId === undefined) return store.objects.current(bucket.id, key)
  const found = store.objects.find(bucket.id, key, versionId)
  return found?.kind === 'object' ? found.version : undefined
}

/** @throws S3Error InvalidArgument for an empty id, and for what can't be one: answers repeat it in a header */
export const readVersionId = (query: Query): string | undefined => {
  const versionId = query.get('versionId')
  if (versionId === '') throw new S3Error('InvalidArgument', { message: 'Version id cannot be the empty string' })
  if (versionId !== undefined && !/^[!-~]{1,1024}$/.test(versionId)) {
    throw new S3Error('InvalidArgument', {
      message: 'Invalid version id specified',
      fields: { ArgumentName: 'versionId', ArgumentValue: versionId },
    })
  }
  return versionId
}
