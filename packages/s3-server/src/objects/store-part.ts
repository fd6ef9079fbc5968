import { refreshBucket } from './find-bucket.ts'
import { commitBlob } from './receive-blob.ts'
import type { ReceivedBlob } from './receive-blob.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Upload } from '../store/tables/upload-table.ts'

/** Makes a received blob a part of an upload. @throws S3Error NoSuchUpload when it has ended meanwhile */
export const storePart = async (
  { site: { store }, now }: RequestContext,
  bucket: Bucket,
  upload: Upload,
  number: number,
  { blob, etag, checksums }: ReceivedBlob,
): Promise<void> => {
  await commitBlob(store, blob, () => {
    const fresh = refreshBucket(store, bucket)
    if (store.uploads.find(fresh.id, upload.key, upload.id) === undefined) throw new S3Error('NoSuchUpload')
    const part = { number, modifiedAt: now, size: blob.size, etag, blobId: blob.id, checksums }
    return { freed: store.uploads.putPart(upload.id, part, blob) }
  })
}
