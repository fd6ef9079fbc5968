import { findVersion, readVersionId } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { refuseUnsupportedHeaders, versionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { RequestContext, Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { optionalText, requiredChild, requiredText } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

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

/**
 * Lets only through what changes nothing. S3 refuses even that, but s3cmd puts back with each copy what it read of the
 * source.
 *
 * @throws S3Error AccessControlListNotSupported or MalformedXML
 */
const checkUnchanged = async (context: RequestContext): Promise<void> => {
  const { headers } = context.request
  refuseUnsupportedHeaders(headers)
  if (headers.has('x-amz-acl')) return
  const list = requiredChild(await readXmlDocument(context, 'AccessControlPolicy'), 'AccessControlList')
  const isOwners = list.children.map(
    (grant) =>
      requiredText(grant, 'Permission') === 'FULL_CONTROL' &&
      optionalText(requiredChild(grant, 'Grantee'), 'ID') === context.site.ownerId,
  )
  if (isOwners.length === 0 || isOwners.includes(false)) throw new S3Error('AccessControlListNotSupported')
}

/**
 * Under BucketOwnerEnforced, which is always, lists can be read and not be changed.
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
    run: async (context) => {
      await checkUnchanged(context)
      return emptyReply(200)
    },
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
    run: async (context, bucket, key) => {
      await checkUnchanged(context)
      const { site, request } = context
      const { versionId } = findVersion(site.store, bucket, key, readVersionId(request.query))
      return emptyReply(200, versionHeader(bucket, versionId))
    },
  },
]
