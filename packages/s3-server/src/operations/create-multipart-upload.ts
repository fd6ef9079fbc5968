import { parseChecksumAlgorithm } from '../checksum/checksum-algorithm.ts'
import type { ChecksumAlgorithm } from '../checksum/checksum-algorithm.ts'
import { prepareSealing } from '../encryption/sealing.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import type { HeaderReader } from '../http/header-reader.ts'
import { abortHeaders } from '../lifecycle/expiration-header.ts'
import { readUploadDescription } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import type { ChecksumType } from '../store/tables/object-version.ts'
import { element } from '@skycrate/aws-wire/write-xml'

/** @throws S3Error InvalidRequest for an unknown algorithm, or a type that it can't have */
const readChecksumWish = (
  headers: HeaderReader,
): { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined => {
  const text = headers.get('x-amz-checksum-algorithm')
  const typeText = headers.get('x-amz-checksum-type')?.toUpperCase()
  if (text === undefined) {
    if (typeText === undefined) return undefined
    throw new S3Error('InvalidRequest', { message: 'x-amz-checksum-type needs x-amz-checksum-algorithm.' })
  }
  const algorithm = parseChecksumAlgorithm(text)
  if (algorithm === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' })
  }
  const type = typeText ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  // A hash can't be put together from those of the parts; this CRC is only ever taken over the whole.
  const isPossible =
    type === 'FULL_OBJECT' ? !algorithm.startsWith('SHA') : type === 'COMPOSITE' && algorithm !== 'CRC64NVME'
  if (!isPossible) {
    throw new S3Error('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    })
  }
  return { algorithm, type: type === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' }
}

export const createMultipartUpload: Operation = {
  name: 'CreateMultipartUpload',
  method: 'POST',
  scope: 'object',
  requires: ['uploads'],
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { site, request, now } = context
    const { store } = site
    const { attributes, storageClass, encryption } = readUploadDescription(context, bucket)
    const wish = readChecksumWish(request.headers)
    const sealing = prepareSealing(context, bucket, key, encryption)
    const id = await store.index.write(() =>
      store.uploads.create({
        bucketId: refreshBucket(store, bucket).id,
        key,
        initiatedAt: now,
        storageClass,
        encryption: sealing.forUpload,
        attributes: {
          ...attributes,
          ...(wish === undefined ? {} : { checksumAlgorithm: wish.algorithm, uploadChecksumType: wish.type }),
        },
      }),
    )
    return xmlReply(
      element('InitiateMultipartUploadResult', [
        element('Bucket', bucket.name),
        element('Key', key),
        element('UploadId', id),
      ]),
      {
        ...abortHeaders(store, bucket.id, { key, initiatedAt: now }),
        ...sealing.headers,
        ...(wish === undefined ? {} : { 'x-amz-checksum-algorithm': wish.algorithm, 'x-amz-checksum-type': wish.type }),
      },
    )
  },
}
