import { assembleParts, readNamedParts } from '../objects/assemble-parts.ts'
import { checksumElements } from '../objects/checksum-headers.ts'
import { checkWriteConditions } from '../objects/conditions.ts'
import { encryptionHeaders } from '../encryption/encryption-headers.ts'
import { checkUploadKey, versionEncryption } from '../encryption/sealing.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { findUpload } from '../objects/find-upload.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { writtenVersionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import type { BlobId } from '../store/blobs/blob-id.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Encryption } from '../store/keys/encryption.ts'
import type { ChecksumType } from '../store/tables/object-version.ts'
import type { CompletedUpload } from '../store/tables/upload-table.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

interface Outcome extends CompletedUpload {
  readonly type: ChecksumType | undefined
  readonly encryption: Encryption | undefined
  readonly freed: readonly BlobId[]
}

const toReply = ({ request }: RequestContext, bucket: Bucket, key: string, outcome: Outcome): Reply =>
  xmlReply(
    element('CompleteMultipartUploadResult', [
      element('Location', `http://${request.host}${request.raw.rawPath}`),
      element('Bucket', bucket.name),
      element('Key', key),
      element('ETag', `"${outcome.etag}"`),
      ...checksumElements(outcome.checksums),
      optionalElement('ChecksumType', outcome.type),
    ]),
    { ...writtenVersionHeader(outcome.versionId), ...encryptionHeaders(outcome.encryption) },
  )

export const completeMultipartUpload: Operation = {
  name: 'CompleteMultipartUpload',
  method: 'POST',
  scope: 'object',
  requires: ['uploadId'],
  access: { by: 'signature', action: 's3:PutObject' },
  run: async (context, bucket, key) => {
    const { site, request, now } = context
    const { store } = site
    // Here these tell of the object, not of the list of parts in the body.
    const ofBody = { ...context, request: { ...request, headers: request.headers.without('x-amz-checksum-') } }
    const named = readNamedParts(await readXmlDocument(ofBody, 'CompleteMultipartUpload', 'MalformedXML'))
    const outcome = await store.change((): Outcome => {
      const fresh = refreshBucket(store, bucket)
      // A client whose answer was lost asks again; it gets the same answer.
      const before = store.uploads.completed(fresh.id, key, request.query.get('uploadId') ?? '')
      if (before !== undefined) return { ...before, type: undefined, encryption: undefined, freed: [] }
      const upload = findUpload(store, fresh, key, request.query)
      // Checksums tell of the bytes: who sends or gets them has the key.
      checkUploadKey(context, upload, upload.attributes.checksumAlgorithm !== undefined)
      checkWriteConditions(request.headers, () => store.objects.current(fresh.id, key))
      const stored = store.uploads.parts(upload.id, 0, 10_000)
      const { parts, size, etag, checksums } = assembleParts(upload, named, stored, request.headers)
      const { checksumAlgorithm, uploadChecksumType: type, ...attributes } = upload.attributes
      const { versionId, freed } = store.uploads.complete(fresh, upload, {
        key,
        modifiedAt: now,
        size,
        etag,
        storageClass: upload.storageClass,
        blobId: undefined,
        encryption: versionEncryption(upload.encryption),
        attributes: {
          ...attributes,
          checksums,
          partCount: parts.length,
          ...(checksumAlgorithm === undefined || type === undefined ? {} : { checksumType: type }),
        },
        parts,
        created: { how: 'CompleteMultipartUpload', origin: requestOrigin(context) },
      })
      return { etag, versionId, checksums, type, encryption: upload.encryption, freed }
    })
    return toReply(context, bucket, key, outcome)
  },
}
