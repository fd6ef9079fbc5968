import { CHECKSUM_ALGORITHMS, parseChecksumAlgorithm } from '../checksum/checksum-algorithm.ts'
import type { ChecksumAlgorithm, Checksums } from '../checksum/checksum-algorithm.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import { checksumElements } from '../objects/checksum-headers.ts'
import { checkWriteConditions } from '../objects/conditions.ts'
import { findCopySource } from '../objects/copy-source.ts'
import type { CopySource } from '../objects/copy-source.ts'
import { prepareReading } from '../encryption/reading.ts'
import { entityTag, prepareSealing } from '../encryption/sealing.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { isoTime } from '../iso-time.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { openContent } from '../objects/object-content.ts'
import { readUploadDescription, versionHeader, writtenVersionHeader } from '../objects/object-headers.ts'
import type { UploadDescription } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { commitBlob } from '../objects/receive-blob.ts'
import { xmlReply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { NewVersion, PutResult } from '../store/tables/object-table.ts'
import type { ObjectAttributes } from '../store/tables/object-version.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

interface Copied extends PutResult {
  readonly version: NewVersion
  readonly source: CopySource
}

/** @throws S3Error InvalidArgument */
const readDirective = ({ request }: RequestContext, header: string): 'COPY' | 'REPLACE' => {
  const directive = request.headers.get(header) ?? 'COPY'
  if (directive === 'COPY' || directive === 'REPLACE') return directive
  throw new S3Error('InvalidArgument', { message: `Unknown directive in ${header}.`, fields: { ArgumentName: header } })
}

/** @throws S3Error InvalidRequest for an unknown algorithm */
const readAlgorithm = ({ request }: RequestContext): ChecksumAlgorithm | undefined => {
  const text = request.headers.get('x-amz-checksum-algorithm')
  const algorithm = text === undefined ? undefined : parseChecksumAlgorithm(text)
  if (text !== undefined && algorithm === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' })
  }
  return algorithm
}

const describeTarget = (
  context: RequestContext,
  asked: UploadDescription,
  { version }: CopySource,
): ObjectAttributes => {
  const { checksums, checksumType, partCount } = version.attributes
  const { retention, legalHold } = asked.attributes
  const lock = {
    ...(retention === undefined ? {} : { retention }),
    ...(legalHold === undefined ? {} : { legalHold }),
  }
  const described =
    readDirective(context, 'x-amz-metadata-directive') === 'COPY' ? version.attributes : asked.attributes
  const tagged = readDirective(context, 'x-amz-tagging-directive') === 'COPY' ? version.attributes : asked.attributes
  return {
    headers: described.headers,
    metadata: described.metadata,
    tags: tagged.tags,
    // Never that of the source.
    ...lock,
    checksums,
    ...(checksumType === undefined ? {} : { checksumType }),
    ...(partCount === undefined ? {} : { partCount }),
  }
}

const checkChange = ({ request }: RequestContext, bucket: Bucket, key: string, source: CopySource): void => {
  const isSame = source.bucket.id === bucket.id && source.version.key === key
  const { headers } = request
  const changes = [
    'x-amz-storage-class',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-customer-algorithm',
    'x-amz-website-redirect-location',
  ]
  const isChanged =
    headers.get('x-amz-metadata-directive') === 'REPLACE' ||
    changes.some((name) => headers.has(name)) ||
    headers.get('x-amz-copy-source')?.includes('?versionId=') === true
  if (isSame && !isChanged) {
    throw new S3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    })
  }
}

/** Bytes that S3 copies in one request. */
const MAX_COPY_BYTES = 5 * 1024 ** 3

const sums = ({ version }: CopySource): Checksums => version.attributes.checksums

/** Copies without moving a byte: the new version refers to the same blobs. */
const share = (context: RequestContext, bucket: Bucket, source: CopySource, version: NewVersion): Copied => {
  const { store } = context.site
  const parts = source.version.blobId === undefined ? store.objects.parts(source.version.sequence) : []
  // Counted before the put, which may let go of the very version that is copied.
  for (const { blobId } of parts) store.blobTable.retain(blobId)
  if (source.version.blobId !== undefined) store.blobTable.retain(source.version.blobId)
  const shared: NewVersion = { ...version, etag: source.version.etag, blobId: source.version.blobId, parts }
  return { ...store.objects.put(bucket, shared), version: shared, source }
}

export const copyObject: Operation = {
  name: 'CopyObject',
  method: 'PUT',
  scope: 'object',
  requiresHeader: 'x-amz-copy-source',
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { store } = context.site
    const { headers } = context.request
    const asked = readUploadDescription(context, bucket)
    const algorithm = readAlgorithm(context)
    const sealing = prepareSealing(context, bucket, key, asked.encryption)
    const first = findCopySource(context)
    const reading = prepareReading(context, first.version, 'x-amz-copy-source-')
    checkChange(context, bucket, key, first)
    checkWriteConditions(headers, () => store.objects.current(bucket.id, key))
    const target = (source: CopySource): NewVersion => ({
      key,
      modifiedAt: context.now,
      size: source.version.size,
      etag: source.version.etag,
      storageClass: asked.storageClass,
      blobId: undefined,
      encryption: sealing.encryption,
      attributes: describeTarget(context, asked, source),
      created: { how: 'Copy', origin: requestOrigin(context) },
    })
    // A copy has no parts: its ETag is an MD5, and its checksum one of the whole. What is too large for S3 to copy is shared.
    const isMultipart = ({ version }: CopySource): boolean =>
      version.attributes.partCount !== undefined && version.size <= MAX_COPY_BYTES
    // A key that is not the store's own is bound to its object.
    const needsBytes = (source: CopySource): boolean => isMultipart(source) || needsOtherBytes(source)
    const needsOtherBytes = ({ version }: CopySource): boolean =>
      version.encryption?.kind !== sealing.encryption?.kind ||
      (sealing.encryption !== undefined && sealing.encryption.kind !== 'AES256') ||
      (algorithm !== undefined && version.attributes.checksums[algorithm] === undefined)

    let copied: Copied
    if (needsBytes(first)) {
      const content = openContent(store, first.version, { start: 0, end: first.version.size }, reading.unwrap)
      const [ofSource] = isMultipart(first) ? CHECKSUM_ALGORITHMS.filter((each) => each in sums(first)) : []
      const wanted = algorithm ?? ofSource
      const digests = new DigestSet(wanted === undefined ? ['MD5'] : ['MD5', wanted])
      const blob = await store.blobs
        .write(content.stream, {
          makeKey: sealing.makeKey,
          digests,
          now: context.now,
          length: content.length,
          check: () => {},
        })
        .finally(content.release)
      copied = await commitBlob(store, blob, () => {
        const fresh = refreshBucket(store, bucket)
        checkWriteConditions(headers, () => store.objects.current(fresh.id, key))
        store.blobTable.add(blob)
        const described = target(first)
        const { partCount: _parts, checksumType: _type, checksums, ...attributes } = described.attributes
        const version: NewVersion = {
          ...described,
          etag: entityTag(digests.result('MD5').toString('hex'), sealing),
          blobId: blob.id,
          attributes:
            wanted === undefined
              ? {
                  ...attributes,
                  checksums: first.version.blobId === undefined ? {} : checksums,
                  checksumType: 'FULL_OBJECT',
                }
              : {
                  ...attributes,
                  checksums: { [wanted]: digests.result(wanted).toString('base64') },
                  checksumType: 'FULL_OBJECT',
                },
        }
        return { ...store.objects.put(fresh, version), version, source: first }
      })
    } else {
      copied = await store.change(() => {
        const fresh = refreshBucket(store, bucket)
        const source = findCopySource(context)
        // Overwritten since, by one that can't be shared: the client may simply try again.
        if (needsBytes(source)) throw new S3Error('ServiceUnavailable')
        checkWriteConditions(headers, () => store.objects.current(fresh.id, key))
        return share(context, fresh, source, target(source))
      })
    }
    const { version, source } = copied
    return xmlReply(
      element('CopyObjectResult', [
        element('LastModified', isoTime(context.now)),
        element('ETag', `"${version.etag}"`),
        ...checksumElements(version.attributes.checksums),
        optionalElement('ChecksumType', version.attributes.checksumType),
      ]),
      {
        ...writtenVersionHeader(copied.versionId),
        ...sealing.headers,
        'x-amz-copy-source-version-id': versionHeader(source.bucket, source.version.versionId)['x-amz-version-id'],
      },
    )
  },
}
