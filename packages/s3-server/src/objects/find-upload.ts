import type { Query } from '../http/query.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Store } from '../store/store.ts'
import type { Upload } from '../store/tables/upload-table.ts'

/** @throws S3Error NoSuchUpload, also when the id belongs to another key */
export const findUpload = (store: Store, bucket: Bucket, key: string, query: Query): Upload => {
  const id = query.get('uploadId') ?? ''
  const upload = store.uploads.find(bucket.id, key, id)
  if (upload === undefined) throw new S3Error('NoSuchUpload', { fields: { UploadId: id } })
  return upload
}

/** @throws S3Error InvalidArgument */
export const readPartNumber = (query: Query): number => {
  const text = query.get('partNumber') ?? ''
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 10_000) return number
  throw new S3Error('InvalidArgument', {
    message: 'Part number must be an integer between 1 and 10000, inclusive',
    fields: { ArgumentName: 'partNumber', ArgumentValue: text },
  })
}
