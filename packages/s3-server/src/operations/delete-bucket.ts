import { refreshBucket } from '../objects/find-bucket.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'

export const deleteBucket: Operation = {
  name: 'DeleteBucket',
  method: 'DELETE',
  scope: 'bucket',
  access: { by: 'signature', action: 's3:DeleteBucket' },
  run: async ({ site: { store } }, bucket) => {
    await store.change(() => {
      const { id, name } = refreshBucket(store, bucket)
      if (!store.buckets.isEmpty(id)) throw new S3Error('BucketNotEmpty', { fields: { BucketName: name } })
      // Uploads under way keep no bucket: they end with it, as on S3.
      const freed = [...store.uploads.iterate(id, '')].flatMap((upload) => store.uploads.abort(upload))
      store.buckets.delete(id)
      return { freed }
    })
    return emptyReply(204)
  },
}
