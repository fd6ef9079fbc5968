import { checkWriteConditions } from '../conditions.ts'
import { refreshBucket } from '../find-bucket.ts'
import { readVersionId } from '../find-version.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'

export const deleteObject: Operation = {
  name: 'DeleteObject',
  method: 'DELETE',
  scope: 'object',
  allows: ['versionId'],
  access: { by: 'signature', action: 's3:DeleteObject', versionAction: 's3:DeleteObjectVersion' },
  run: async ({ site: { store }, request, now }, bucket, key) => {
    const versionId = readVersionId(request.query)
    const result = await store.change(() => {
      const fresh = refreshBucket(store, bucket)
      if (versionId !== undefined) return store.objects.deleteVersion(fresh.id, key, versionId)
      if (request.headers.has('if-match')) checkWriteConditions(request.headers, store.objects.current(fresh.id, key))
      return store.objects.delete(fresh, key, now)
    })
    return emptyReply(204, {
      'x-amz-version-id': result.versionId,
      'x-amz-delete-marker': result.deleteMarker ? 'true' : undefined,
    })
  },
}
