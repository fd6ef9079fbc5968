import { isoTime } from '../iso-time.ts'
import { MAX_KEYS, readKeyEncoding, readLimit, readOptionalAttributes } from '../list-parameters.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { xmlReply } from '../reply.ts'
import type { Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { ListedVersion } from '../store/tables/listing-table.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import { commonPrefixElements, fromMarker } from './list-objects-v2.ts'

const versionElement = (
  site: Site,
  version: ListedVersion,
  key: string,
  restored: XmlElement | undefined,
): XmlElement => {
  const common = [
    element('Key', key),
    element('VersionId', version.versionId),
    element('IsLatest', version.isLatest),
    element('LastModified', isoTime(version.modifiedAt)),
    ownerElement(site),
  ]
  if (version.isDeleteMarker === 1) return element('DeleteMarker', common)
  return element('Version', [
    ...common,
    element('ETag', `"${version.etag}"`),
    element('Size', version.size),
    element('StorageClass', version.storageClass),
    restored,
  ])
}

export const listObjectVersions: Operation = {
  name: 'ListObjectVersions',
  method: 'GET',
  scope: 'bucket',
  requires: ['versions'],
  allows: ['prefix', 'delimiter', 'key-marker', 'version-id-marker', 'max-keys', 'encoding-type'],
  access: { by: 'signature', action: 's3:ListBucketVersions' },
  run: (context, bucket) => {
    const {
      site,
      request: { query },
    } = context
    const optional = readOptionalAttributes(context, bucket)
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const keyMarker = query.get('key-marker') ?? ''
    const versionMarker = query.get('version-id-marker') ?? ''
    if (versionMarker !== '' && keyMarker === '') {
      throw new S3Error('InvalidArgument', {
        message: 'A version-id marker cannot be specified without a key marker.',
      })
    }
    const limit = readLimit(query, 'max-keys', MAX_KEYS)
    const { name: encoding, encode } = readKeyEncoding(query)
    const after = versionMarker === '' ? undefined : site.store.objects.sequenceOf(bucket.id, keyMarker, versionMarker)
    const from = versionMarker === '' ? fromMarker(keyMarker, prefix, delimiter) : keyMarker
    const page = site.store.listings.versions(
      bucket.id,
      { prefix, delimiter, from: from ?? '', limit: from === undefined ? 0 : limit },
      after,
    )
    const last = page.truncated ? page.last : undefined
    const nextKey = last === undefined ? undefined : 'row' in last ? last.row.key : last.commonPrefix
    return xmlReply(
      element('ListVersionsResult', [
        element('Name', bucket.name),
        element('Prefix', encode(prefix)),
        element('KeyMarker', encode(keyMarker)),
        element('VersionIdMarker', versionMarker),
        optionalElement('NextKeyMarker', nextKey === undefined ? undefined : encode(nextKey)),
        optionalElement('NextVersionIdMarker', last !== undefined && 'row' in last ? last.row.versionId : undefined),
        element('MaxKeys', limit),
        delimiter === '' ? undefined : element('Delimiter', encode(delimiter)),
        optionalElement('EncodingType', encoding),
        element('IsTruncated', page.truncated),
        ...page.rows.map((version) => versionElement(site, version, encode(version.key), optional(version))),
        ...commonPrefixElements(page.commonPrefixes, encode),
      ]),
    )
  },
}
