import { refreshBucket } from '../objects/find-bucket.ts'
import { findUpload } from '../objects/find-upload.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'

export const abortMultipartUpload: Operation = {
  name: 'AbortMultipartUpload',
  method: 'DELETE',
  scope: 'object',
  requires: ['uploadId'],
  access: { by: 'signature', action: 's3:AbortMultipartUpload' },
  run: async ({ site: { store }, request }, bucket, key) => {
    await store.change(() => ({
      freed: store.uploads.abort(findUpload(store, refreshBucket(store, bucket), key, request.query)),
    }))
    return emptyReply(204)
  },
}
