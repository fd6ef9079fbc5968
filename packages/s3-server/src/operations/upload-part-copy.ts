import type { ByteRange } from '../objects/byte-range.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import { checksumElements } from '../objects/checksum-headers.ts'
import { findCopySource } from '../objects/copy-source.ts'
import { prepareReading } from '../encryption/reading.ts'
import { resumeSealing } from '../encryption/sealing.ts'
import { findUpload, readPartNumber } from '../objects/find-upload.ts'
import { isoTime } from '../iso-time.ts'
import { openContent } from '../objects/object-content.ts'
import { refuseUnsupportedHeaders, versionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { MAX_PUT_BYTES, receivePayload } from '../objects/receive-blob.ts'
import { xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { storePart } from '../objects/store-part.ts'
import { element } from '@skycrate/aws-wire/write-xml'

/** Unlike Range, this must lie within the source. @throws S3Error InvalidArgument or InvalidRange */
const readCopyRange = (header: string | undefined, size: number): ByteRange => {
  if (header === undefined) return { start: 0, end: size }
  const [, from, to] = /^bytes=([0-9]{1,15})-([0-9]{1,15})$/.exec(header.trim()) ?? []
  const start = Number(from)
  const end = Number(to) + 1
  if (from === undefined || start >= end) {
    throw new S3Error('InvalidArgument', {
      message: 'The x-amz-copy-source-range value must be of the form bytes=first-last',
      fields: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    })
  }
  if (end > size) {
    throw new S3Error('InvalidRange', { message: `Range specified is not valid for source object of size: ${size}` })
  }
  return { start, end }
}

export const uploadPartCopy: Operation = {
  name: 'UploadPartCopy',
  method: 'PUT',
  scope: 'object',
  requires: ['partNumber', 'uploadId'],
  requiresHeader: 'x-amz-copy-source',
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { site, request, now } = context
    refuseUnsupportedHeaders(request.headers)
    const number = readPartNumber(request.query)
    const upload = findUpload(site.store, bucket, key, request.query)
    const sealing = resumeSealing(context, upload)
    const source = findCopySource(context)
    const reading = prepareReading(context, source.version, 'x-amz-copy-source-')
    const range = readCopyRange(request.headers.get('x-amz-copy-source-range'), source.version.size)
    if (range.end - range.start > MAX_PUT_BYTES) throw new S3Error('EntityTooLarge')
    const { checksumAlgorithm } = upload.attributes
    const content = openContent(site.store, source.version, range, reading.unwrap)
    const digests = new DigestSet(checksumAlgorithm === undefined ? ['MD5'] : ['MD5', checksumAlgorithm])
    const payload = { length: content.length, stream: content.stream, digests, check: () => ({}) }
    const received = await receivePayload(context, payload, sealing, checksumAlgorithm).finally(content.release)
    await storePart(context, bucket, upload, number, received)
    return xmlReply(
      element('CopyPartResult', [
        element('LastModified', isoTime(now)),
        element('ETag', `"${received.etag}"`),
        ...checksumElements(received.checksums),
      ]),
      {
        ...sealing.headers,
        'x-amz-copy-source-version-id': versionHeader(source.bucket, source.version.versionId)['x-amz-version-id'],
      },
    )
  },
}
