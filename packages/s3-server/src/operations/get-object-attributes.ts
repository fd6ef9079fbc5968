import { authorise } from '../auth/authorise.ts'
import { checksumElements } from '../objects/checksum-headers.ts'
import { prepareReading } from '../encryption/reading.ts'
import { findVersion, readVersionId } from '../objects/find-version.ts'
import type { HeaderReader } from '../http/header-reader.ts'
import { versionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import type { ObjectPart, ObjectVersion } from '../store/tables/object-version.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

const ATTRIBUTES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const
const MAX_PARTS = 1000

/** @throws S3Error InvalidArgument */
const readAttributes = (headers: HeaderReader): ReadonlySet<string> => {
  const names = (headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim())
  if (names.some((name) => !ATTRIBUTES.some((known) => known === name))) {
    throw new S3Error('InvalidArgument', {
      message: 'Invalid attribute name specified.',
      fields: { ArgumentName: 'x-amz-object-attributes' },
    })
  }
  return new Set(names)
}

/** @throws S3Error InvalidArgument */
const readCount = (headers: HeaderReader, name: string, absent: number): number => {
  const text = headers.get(name)
  if (text === undefined) return absent
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  throw new S3Error('InvalidArgument', {
    message: `Provided ${name} not an integer or within integer range`,
    fields: { ArgumentName: name, ArgumentValue: text },
  })
}

/** Parts are numbered by their place, as a GET with a part number counts them. */
const partsElement = (parts: readonly ObjectPart[], headers: HeaderReader): XmlElement => {
  const limit = Math.min(readCount(headers, 'x-amz-max-parts', MAX_PARTS), MAX_PARTS)
  const marker = readCount(headers, 'x-amz-part-number-marker', 0)
  const page = parts.slice(marker, marker + limit)
  const last = marker + page.length
  return element('ObjectParts', [
    element('PartsCount', parts.length),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', page.length === 0 ? 0 : last),
    element('MaxParts', limit),
    element('IsTruncated', page.length > 0 && last < parts.length),
    ...page.map(({ size, checksums }, at) =>
      element('Part', [element('PartNumber', marker + at + 1), element('Size', size), ...checksumElements(checksums)]),
    ),
  ])
}

const checksumElementOf = ({ attributes }: ObjectVersion): XmlElement | undefined =>
  Object.keys(attributes.checksums).length === 0
    ? undefined
    : element('Checksum', [
        ...checksumElements(attributes.checksums),
        optionalElement('ChecksumType', attributes.checksumType),
      ])

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: Operation = {
  name: 'GetObjectAttributes',
  method: 'GET',
  scope: 'object',
  requires: ['attributes'],
  allows: ['versionId'],
  access: { by: 'signature', action: 's3:GetObjectAttributes', versionAction: 's3:GetObjectVersionAttributes' },
  run: (context, bucket, key) => {
    const { site, request, principal } = context
    const versionId = readVersionId(request.query)
    const read = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'
    authorise(principal, read, { bucket: bucket.name, key })
    const asked = readAttributes(request.headers)
    const version = findVersion(site.store, bucket, key, versionId)
    // Tells nothing of the encryption, but of the bytes: who asks has the key.
    prepareReading(context, version)
    const parts = version.blobId === undefined ? site.store.objects.parts(version.sequence) : []
    return xmlReply(
      element('GetObjectAttributesResponse', [
        asked.has('ETag') ? element('ETag', version.etag) : undefined,
        asked.has('Checksum') ? checksumElementOf(version) : undefined,
        asked.has('ObjectParts') && parts.length > 0 ? partsElement(parts, request.headers) : undefined,
        asked.has('StorageClass') ? element('StorageClass', version.storageClass) : undefined,
        asked.has('ObjectSize') ? element('ObjectSize', version.size) : undefined,
      ]),
      { 'last-modified': new Date(version.modifiedAt).toUTCString(), ...versionHeader(bucket, version.versionId) },
    )
  },
}
