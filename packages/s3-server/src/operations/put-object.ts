import { checkWriteConditions } from '../objects/conditions.ts'
import { checksumHeaders } from '../objects/checksum-headers.ts'
import { prepareSealing } from '../encryption/sealing.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { expirationHeader } from '../lifecycle/expiration-header.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { readUploadDescription, writtenVersionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { commitBlob, receiveBlob } from '../objects/receive-blob.ts'
import { emptyReply } from '../reply.ts'

export const putObject: Operation = {
  name: 'PutObject',
  method: 'PUT',
  scope: 'object',
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { store } = context.site
    const { headers } = context.request
    const { attributes, storageClass, encryption } = readUploadDescription(context, bucket)
    // Before the body, so that a client that waits for `100 Continue` need not send it; and again when it is there.
    checkWriteConditions(headers, () => store.objects.current(bucket.id, key))
    const sealing = prepareSealing(context, bucket, key, encryption)
    const { blob, etag, checksums } = await receiveBlob(context, sealing)
    const { versionId } = await commitBlob(store, blob, () => {
      const fresh = refreshBucket(store, bucket)
      checkWriteConditions(headers, () => store.objects.current(bucket.id, key))
      store.blobTable.add(blob)
      return store.objects.put(fresh, {
        key,
        modifiedAt: context.now,
        size: blob.size,
        etag,
        storageClass,
        blobId: blob.id,
        encryption: sealing.encryption,
        attributes: { ...attributes, checksums, checksumType: 'FULL_OBJECT' },
        created: { how: 'Put', origin: requestOrigin(context) },
      })
    })
    return emptyReply(200, {
      etag: `"${etag}"`,
      ...checksumHeaders(checksums, 'FULL_OBJECT'),
      ...expirationHeader(store, bucket.id, { key, size: blob.size, modifiedAt: context.now, attributes }),
      ...writtenVersionHeader(versionId),
      ...sealing.headers,
    })
  },
}
