import { isoTime } from '../iso-time.ts'
import { MAX_KEYS, readKeyEncoding, readLimit } from '../list-parameters.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { xmlReply } from '../reply.ts'
import type { Upload } from '../store/tables/upload-table.ts'
import { walkKeys } from '../store/tables/walk-keys.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import { commonPrefixElements, fromMarker } from './list-objects-v2.ts'

export const listMultipartUploads: Operation = {
  name: 'ListMultipartUploads',
  method: 'GET',
  scope: 'bucket',
  requires: ['uploads'],
  allows: ['prefix', 'delimiter', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'],
  access: { by: 'signature', action: 's3:ListBucketMultipartUploads' },
  run: ({ site, request: { query } }, bucket) => {
    const { uploads } = site.store
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const keyMarker = query.get('key-marker') ?? ''
    // Without a key marker S3 passes it over.
    const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '')
    const limit = readLimit(query, 'max-uploads', MAX_KEYS)
    const { name: encoding, encode } = readKeyEncoding(query)
    const from = idMarker === '' ? fromMarker(keyMarker, prefix, delimiter) : keyMarker
    const page = walkKeys<Upload>({
      prefix,
      delimiter,
      from: from ?? '',
      limit: from === undefined ? 0 : limit,
      seek: function* (start) {
        for (const upload of uploads.iterate(bucket.id, start)) {
          if (idMarker !== '' && upload.key === keyMarker && upload.id <= idMarker) continue
          yield upload
        }
      },
    })
    const last = page.truncated ? page.last : undefined
    const nextKey = last === undefined ? undefined : 'row' in last ? last.row.key : last.commonPrefix
    return xmlReply(
      element('ListMultipartUploadsResult', [
        element('Bucket', bucket.name),
        element('KeyMarker', encode(keyMarker)),
        element('UploadIdMarker', idMarker),
        optionalElement('NextKeyMarker', nextKey === undefined ? undefined : encode(nextKey)),
        optionalElement('NextUploadIdMarker', last !== undefined && 'row' in last ? last.row.id : undefined),
        element('Prefix', encode(prefix)),
        delimiter === '' ? undefined : element('Delimiter', encode(delimiter)),
        optionalElement('EncodingType', encoding),
        element('MaxUploads', limit),
        element('IsTruncated', page.truncated),
        ...page.rows.map((upload) =>
          element('Upload', [
            element('Key', encode(upload.key)),
            element('UploadId', upload.id),
            ownerElement(site, 'Initiator'),
            ownerElement(site),
            element('StorageClass', upload.storageClass),
            element('Initiated', isoTime(upload.initiatedAt)),
            optionalElement('ChecksumAlgorithm', upload.attributes.checksumAlgorithm),
            optionalElement('ChecksumType', upload.attributes.uploadChecksumType),
          ]),
        ),
        ...commonPrefixElements(page.commonPrefixes, encode),
      ]),
    )
  },
}
