import { checkDeleteCondition } from '../objects/conditions.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { readVersionId, versionToDelete } from '../objects/find-version.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { lockedError, readLockPass } from '../objects/object-lock-headers.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'

export const deleteObject: Operation = {
  name: 'DeleteObject',
  method: 'DELETE',
  scope: 'object',
  allows: ['versionId'],
  access: { by: 'signature', action: 's3:DeleteObject', versionAction: 's3:DeleteObjectVersion' },
  run: async (context, bucket, key) => {
    const { request, now } = context
    const { store } = context.site
    const versionId = readVersionId(request.query)
    const origin = requestOrigin(context)
    const pass = readLockPass(context, { bucket: bucket.name, key })
    const result = await store.change(() => {
      const fresh = refreshBucket(store, bucket)
      checkDeleteCondition(request.headers, versionToDelete(store, fresh, key, versionId))
      if (versionId !== undefined) {
        const deleted = store.objects.deleteVersion(fresh, key, versionId, pass, origin)
        if (deleted === 'locked') throw lockedError()
        return deleted
      }
      return store.objects.delete(fresh, key, now, origin)
    })
    return emptyReply(204, {
      'x-amz-version-id': result.versionId,
      'x-amz-delete-marker': result.deleteMarker ? 'true' : undefined,
    })
  },
}
