import { checksumElements } from '../objects/checksum-headers.ts'
import { checkUploadKey } from '../encryption/sealing.ts'
import { findUpload } from '../objects/find-upload.ts'
import { isoTime } from '../iso-time.ts'
import { abortHeaders } from '../lifecycle/expiration-header.ts'
import { readLimit } from '../list-parameters.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { xmlReply } from '../reply.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

const MAX_PARTS = 1000

export const listParts: Operation = {
  name: 'ListParts',
  method: 'GET',
  scope: 'object',
  requires: ['uploadId'],
  allows: ['max-parts', 'part-number-marker', 'encoding-type'],
  access: { by: 'signature', action: 's3:ListMultipartUploadParts' },
  run: (context, bucket, key) => {
    const { site, request } = context
    const { query } = request
    const upload = findUpload(site.store, bucket, key, query)
    checkUploadKey(context, upload, upload.attributes.checksumAlgorithm !== undefined)
    const limit = readLimit(query, 'max-parts', MAX_PARTS)
    const marker = query.has('part-number-marker') ? readLimit(query, 'part-number-marker', 10_000) : 0
    const found = site.store.uploads.parts(upload.id, marker, limit + 1)
    const page = found.slice(0, limit)
    const truncated = limit > 0 && found.length > limit
    return xmlReply(
      element('ListPartsResult', [
        element('Bucket', bucket.name),
        element('Key', key),
        element('UploadId', upload.id),
        ownerElement(site, 'Initiator'),
        ownerElement(site),
        element('StorageClass', upload.storageClass),
        element('PartNumberMarker', marker),
        optionalElement('NextPartNumberMarker', truncated ? page.at(-1)?.number : undefined),
        element('MaxParts', limit),
        element('IsTruncated', truncated),
        optionalElement('ChecksumAlgorithm', upload.attributes.checksumAlgorithm),
        optionalElement('ChecksumType', upload.attributes.uploadChecksumType),
        ...page.map((part) =>
          element('Part', [
            element('PartNumber', part.number),
            element('LastModified', isoTime(part.modifiedAt)),
            element('ETag', `"${part.etag}"`),
            element('Size', part.size),
            ...checksumElements(part.checksums),
          ]),
        ),
      ]),
      abortHeaders(site.store, bucket.id, upload),
    )
  },
}
