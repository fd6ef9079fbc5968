import { authorise } from '../auth/authorise.ts'
import { checkDeleteTag } from '../objects/conditions.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { versionToDelete } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { MAX_KEY_BYTES } from '../http/request-target.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { lockedError, readLockPass } from '../objects/object-lock-headers.ts'
import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { BlobId } from '../store/blobs/blob-id.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { DeleteResult } from '../store/tables/object-table.ts'
import { childrenOf, optionalText, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

const MAX_OBJECTS = 1000
const KNOWN = new Set(['Key', 'VersionId', 'ETag'])

interface Target {
  readonly key: string
  readonly versionId: string | undefined
  readonly etag: string | undefined
}

const readTarget = (node: XmlNode): Target => {
  const unknown = node.children.find(({ name }) => !KNOWN.has(name))
  if (unknown !== undefined) throw new S3Error('NotImplemented', { message: `${unknown.name} is not implemented.` })
  const key = requiredText(node, 'Key')
  if (key === '') throw new S3Error('UserKeyMustBeSpecified', { message: 'An object to delete must have a key.' })
  return { key, versionId: optionalText(node, 'VersionId') || undefined, etag: optionalText(node, 'ETag') }
}

const deleteOne = (context: RequestContext, bucket: Bucket, target: Target): DeleteResult => {
  const { principal, now } = context
  const { store } = context.site
  const { key, versionId, etag } = target
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  authorise(principal, action, { bucket: bucket.name, key, ...(versionId === undefined ? {} : { versionId }) })
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError')
  if (etag !== undefined) checkDeleteTag(etag, versionToDelete(store, bucket, key, versionId))
  const origin = requestOrigin(context)
  const pass = readLockPass(context, { bucket: bucket.name, key })
  const result =
    versionId === undefined
      ? store.objects.delete(bucket, key, now, origin)
      : store.objects.deleteVersion(bucket, key, versionId, pass, origin)
  if (result === 'locked') throw lockedError()
  return result
}

const describeDeleted = ({ key, versionId }: Target, result: DeleteResult): XmlElement =>
  element('Deleted', [
    element('Key', key),
    optionalElement('VersionId', versionId),
    result.deleteMarker ? element('DeleteMarker', true) : undefined,
    optionalElement('DeleteMarkerVersionId', result.deleteMarker ? result.versionId : undefined),
  ])

export const deleteObjects: Operation = {
  name: 'DeleteObjects',
  method: 'POST',
  scope: 'bucket',
  requires: ['delete'],
  access: { by: 'items', action: 's3:DeleteObject' },
  run: async (context, bucket) => {
    const { store } = context.site
    const root = await readXmlDocument(context, 'Delete')
    const targets = childrenOf(root, 'Object').map(readTarget)
    if (targets.length === 0 || targets.length > MAX_OBJECTS) throw new S3Error('MalformedXML')
    const isQuiet = optionalText(root, 'Quiet')?.trim().toLowerCase() === 'true'
    const { entries } = await store.change(() => {
      const fresh = refreshBucket(store, bucket)
      const freed: BlobId[] = []
      const results: (XmlElement | undefined)[] = []
      for (const target of targets) {
        try {
          const result = deleteOne(context, fresh, target)
          freed.push(...result.freed)
          results.push(isQuiet ? undefined : describeDeleted(target, result))
        } catch (error) {
          if (!(error instanceof S3Error)) throw error
          results.push(
            element('Error', [
              element('Key', target.key),
              optionalElement('VersionId', target.versionId),
              element('Code', error.code),
              element('Message', error.message),
            ]),
          )
        }
      }
      return { freed, entries: results }
    })
    return xmlReply(element('DeleteResult', entries))
  },
}
