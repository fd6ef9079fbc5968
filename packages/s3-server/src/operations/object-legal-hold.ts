import { authorise } from '../auth/authorise.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { findVersion, readVersionId } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { requireObjectLock } from '../objects/object-lock-headers.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { requiredText } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

export const objectLegalHold: readonly Operation[] = [
  {
    name: 'GetObjectLegalHold',
    method: 'GET',
    scope: 'object',
    requires: ['legal-hold'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:GetObjectLegalHold' },
    run: ({ site, request }, bucket, key) => {
      requireObjectLock(bucket)
      const { legalHold } = findVersion(site.store, bucket, key, readVersionId(request.query)).attributes
      if (legalHold === undefined) throw new S3Error('NoSuchObjectLockConfiguration')
      return xmlReply(element('LegalHold', [element('Status', legalHold)]))
    },
  },
  {
    name: 'PutObjectLegalHold',
    method: 'PUT',
    scope: 'object',
    requires: ['legal-hold'],
    allows: ['versionId'],
    access: { by: 'items', action: 's3:PutObjectLegalHold' },
    run: async (context, bucket, key) => {
      const { store } = context.site
      const legalHold = requiredText(await readXmlDocument(context, 'LegalHold'), 'Status')
      if (legalHold !== 'ON' && legalHold !== 'OFF') throw new S3Error('MalformedXML')
      // Only now, since policies may have conditions on the lock.
      authorise(context.principal, 's3:PutObjectLegalHold', { bucket: bucket.name, key, lock: { legalHold } })
      requireObjectLock(bucket)
      await store.index.write(() => {
        const found = findVersion(store, refreshBucket(store, bucket), key, readVersionId(context.request.query))
        store.objects.setAttributes(found, { ...found.attributes, legalHold })
      })
      return emptyReply(200)
    },
  },
]
