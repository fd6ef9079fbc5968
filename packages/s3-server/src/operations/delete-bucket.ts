import { refreshBucket } from '../find-bucket.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'

export const deleteBucket: Operation = {
  name: 'DeleteBucket',
  method: 'DELETE',
  scope: 'bucket',
  access: { by: 'signature', action: 's3:DeleteBucket' },
  run: async ({ site: { store } }, bucket) => {
    await store.index.write(() => {
      const { id, name } = refreshBucket(store, bucket)
      if (!store.buckets.isEmpty(id)) throw new S3Error('BucketNotEmpty', { fields: { BucketName: name } })
      store.buckets.delete(id)
    })
    return emptyReply(204)
  },
}
