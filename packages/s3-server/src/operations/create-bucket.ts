import { parseBucketName } from '@skycrate/core/naming/bucket'
import { authorise } from '../auth/authorise.ts'
import { readDocument } from '../http/read-document.ts'
import { findBucket } from '../objects/find-bucket.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import type { RequestContext, S3Request } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Store } from '../store/store.ts'
import { MAX_BUCKET_TAGS, readTags } from '../objects/tags.ts'
import type { Tag } from '../objects/tags.ts'
import { optionalText, readXml } from '@skycrate/aws-wire/read-xml'

const DEFAULT_REGION = 'us-east-1'
const OWNERSHIP = 'x-amz-object-ownership'

/**
 * A bucket can only be made where the server is.
 *
 * @returns its tags, undefined for none
 * @throws S3Error
 */
const readConfiguration = async (context: RequestContext): Promise<readonly Tag[] | undefined> => {
  const { region } = context.site
  const { body } = context.request
  const text = body.length === undefined && !body.isChunkedTransfer ? '' : await readDocument(context)
  const root = text === '' ? undefined : readXml(text, 'CreateBucketConfiguration')
  const unknown = root?.children.find(({ name }) => name !== 'LocationConstraint' && name !== 'Tags')
  if (unknown !== undefined && unknown.children.length > 0) {
    throw new S3Error('NotImplemented', { message: `CreateBucket with ${unknown.name} is not implemented.` })
  }
  const asked = root === undefined ? undefined : optionalText(root, 'LocationConstraint') || undefined
  if (asked === DEFAULT_REGION)
    throw new S3Error('InvalidLocationConstraint', { fields: { LocationConstraint: asked } })
  if ((asked ?? DEFAULT_REGION) !== region) {
    throw new S3Error('IllegalLocationConstraintException', {
      message: `The ${asked ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    })
  }
  const tags = root?.children.find(({ name }) => name === 'Tags')
  return tags === undefined || tags.children.length === 0 ? undefined : readTags(tags, MAX_BUCKET_TAGS)
}

const create = (store: Store, name: string, now: number, isLockable: boolean, tags: readonly Tag[] = []): void => {
  store.buckets.create(name, now)
  const { id } = findBucket(store, name)
  // As S3 does since 2023, so that whoever reads it finds what holds.
  store.buckets.putSetting(id, 'ownership', JSON.stringify({ ownership: 'BucketOwnerEnforced' }))
  if (tags.length > 0) store.buckets.putSetting(id, 'tagging', JSON.stringify(tags))
  if (!isLockable) return
  // Object lock keeps versions, so it comes with them.
  store.buckets.setVersioning(id, 'Enabled')
  store.buckets.setObjectLock(id, {})
}

/** @throws S3Error InvalidBucketAclWithObjectOwnership, InvalidArgument or NotImplemented */
const checkOwnership = ({ headers }: S3Request): void => {
  const ownership = headers.get(OWNERSHIP) ?? 'BucketOwnerEnforced'
  if (ownership === 'BucketOwnerPreferred' || ownership === 'ObjectWriter') {
    throw new S3Error('NotImplemented', { fields: { Header: OWNERSHIP } })
  }
  if (ownership !== 'BucketOwnerEnforced') {
    throw new S3Error('InvalidArgument', { message: 'Invalid x-amz-object-ownership header: ' + ownership })
  }
  const acl = headers.get('x-amz-acl') ?? 'private'
  if (acl !== 'private' || [...headers.entries()].some(([name]) => name.startsWith('x-amz-grant-'))) {
    throw new S3Error('InvalidBucketAclWithObjectOwnership')
  }
}

export const createBucket: Operation = {
  name: 'CreateBucket',
  method: 'PUT',
  scope: 'bucket-name',
  access: { by: 'signature', action: 's3:CreateBucket' },
  run: async (context, name) => {
    const { site, request, principal, now } = context
    const { store } = site
    if (parseBucketName(name) === undefined) throw new S3Error('InvalidBucketName', { fields: { BucketName: name } })
    checkOwnership(request)
    const isLockable = request.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true'
    if (isLockable) authorise(principal, 's3:PutBucketObjectLockConfiguration', { bucket: name })
    const tags = await readConfiguration(context)
    if (tags !== undefined) authorise(principal, 's3:TagResource', { bucket: name })
    await store.index.write(() => {
      if (store.buckets.find(name) === undefined) create(store, name, now, isLockable, tags)
      // The oldest region has always answered a repetition with success.
      else if (site.region !== DEFAULT_REGION) {
        throw new S3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name } })
      }
    })
    return emptyReply(200, { location: `/${name}` })
  },
}
