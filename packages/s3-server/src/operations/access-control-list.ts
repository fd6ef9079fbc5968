import { findVersion, readVersionId } from '../find-version.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { xmlReply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { element } from '../xml/write-xml.ts'

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

/** What always holds: the owner may do everything, and no list says more. */
const ownersList = (site: Site): Reply =>
  xmlReply(
    element('AccessControlPolicy', [
      ownerElement(site),
      element('AccessControlList', [
        element('Grant', [
          {
            ...element('Grantee', [element('ID', site.ownerId)]),
            attributes: { 'xmlns:xsi': XSI, 'xsi:type': 'CanonicalUser' },
          },
          element('Permission', 'FULL_CONTROL'),
        ]),
      ]),
    ]),
  )

const refuse = (): never => {
  throw new S3Error('AccessControlListNotSupported')
}

/**
 * Under BucketOwnerEnforced, which is always, lists can be read and not be set.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const accessControlList: readonly Operation[] = [
  {
    name: 'GetBucketAcl',
    method: 'GET',
    scope: 'bucket',
    requires: ['acl'],
    access: { by: 'signature', action: 's3:GetBucketAcl' },
    run: ({ site }) => ownersList(site),
  },
  {
    name: 'PutBucketAcl',
    method: 'PUT',
    scope: 'bucket',
    requires: ['acl'],
    access: { by: 'signature', action: 's3:PutBucketAcl' },
    run: refuse,
  },
  {
    name: 'GetObjectAcl',
    method: 'GET',
    scope: 'object',
    requires: ['acl'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:GetObjectAcl', versionAction: 's3:GetObjectVersionAcl' },
    run: ({ site, request }, bucket, key) => {
      findVersion(site.store, bucket, key, readVersionId(request.query))
      return ownersList(site)
    },
  },
  {
    name: 'PutObjectAcl',
    method: 'PUT',
    scope: 'object',
    requires: ['acl'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:PutObjectAcl', versionAction: 's3:PutObjectVersionAcl' },
    run: refuse,
  },
]
