import { CHECKSUM_ALGORITHMS, checksumHeader } from '../checksum/checksum-algorithm.ts'
import { checksumHeaders } from '../objects/checksum-headers.ts'
import { resumeSealing } from '../encryption/sealing.ts'
import { findUpload, readPartNumber } from '../objects/find-upload.ts'
import { refuseUnsupportedHeaders } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { receiveBlob } from '../objects/receive-blob.ts'
import { emptyReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { storePart } from '../objects/store-part.ts'

export const uploadPart: Operation = {
  name: 'UploadPart',
  method: 'PUT',
  scope: 'object',
  requires: ['partNumber', 'uploadId'],
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { query, headers } = context.request
    refuseUnsupportedHeaders(headers)
    const number = readPartNumber(query)
    const upload = findUpload(context.site.store, bucket, key, query)
    const { checksumAlgorithm } = upload.attributes
    const other = CHECKSUM_ALGORITHMS.find((name) => name !== checksumAlgorithm && headers.has(checksumHeader(name)))
    if (checksumAlgorithm !== undefined && other !== undefined) {
      throw new S3Error('InvalidRequest', {
        message: `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm.toLowerCase()}, actual checksum Type: ${other.toLowerCase()}`,
      })
    }
    const sealing = resumeSealing(context, upload)
    const received = await receiveBlob(context, sealing, checksumAlgorithm)
    await storePart(context, bucket, upload, number, received)
    return emptyReply(200, {
      etag: `"${received.etag}"`,
      ...checksumHeaders(received.checksums),
      ...sealing.headers,
    })
  },
}
