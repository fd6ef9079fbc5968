import { authorise } from '../auth/authorise.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { findVersion, readVersionId } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { parseLockTime } from '../objects/lock-time.ts'
import { lockedError, readLockPass, requireObjectLock } from '../objects/object-lock-headers.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { LOCK_MODES, mayRetain } from '../store/tables/object-lock.ts'
import type { Retention } from '../store/tables/object-lock.ts'
import { requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

/** Undefined: the empty document, which takes a retention away. @throws S3Error MalformedXML or InvalidArgument */
const readRetention = (root: XmlNode, now: number): Retention | undefined => {
  if (root.children.length === 0) return undefined
  const mode = LOCK_MODES.find((name) => name === requiredText(root, 'Mode'))
  const until = parseLockTime(requiredText(root, 'RetainUntilDate'))
  if (mode === undefined || until === undefined) throw new S3Error('MalformedXML')
  if (until <= now) {
    throw new S3Error('InvalidArgument', { message: 'The retain until date must be in the future!' })
  }
  return { mode, until }
}

export const objectRetention: readonly Operation[] = [
  {
    name: 'GetObjectRetention',
    method: 'GET',
    scope: 'object',
    requires: ['retention'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:GetObjectRetention' },
    run: ({ site, request }, bucket, key) => {
      requireObjectLock(bucket)
      const { retention } = findVersion(site.store, bucket, key, readVersionId(request.query)).attributes
      if (retention === undefined) throw new S3Error('NoSuchObjectLockConfiguration')
      return xmlReply(
        element('Retention', [
          element('Mode', retention.mode),
          element('RetainUntilDate', new Date(retention.until).toISOString()),
        ]),
      )
    },
  },
  {
    name: 'PutObjectRetention',
    method: 'PUT',
    scope: 'object',
    requires: ['retention'],
    allows: ['versionId'],
    access: { by: 'items', action: 's3:PutObjectRetention' },
    run: async (context, bucket, key) => {
      const { store } = context.site
      const wanted = readRetention(await readXmlDocument(context, 'Retention'), context.now)
      // Only now, since policies may have conditions on the lock.
      const lock = wanted === undefined ? {} : { retention: wanted }
      const resource = { bucket: bucket.name, key, lock }
      authorise(context.principal, 's3:PutObjectRetention', resource)
      requireObjectLock(bucket)
      const pass = readLockPass(context, resource)
      await store.index.write(() => {
        const found = findVersion(store, refreshBucket(store, bucket), key, readVersionId(context.request.query))
        const { retention: old, ...attributes } = found.attributes
        if (!mayRetain(old, wanted, pass)) throw lockedError()
        store.objects.setAttributes(found, wanted === undefined ? attributes : { ...attributes, retention: wanted })
      })
      return emptyReply(200)
    },
  },
]
