import { parseBucketName } from '@skycrate/core/naming/bucket'
import { authorise } from '../auth/authorise.ts'
import { readDocument } from '../http/read-document.ts'
import { refuseUnsupportedHeaders } from '../object-headers.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Store } from '../store/store.ts'
import { optionalText, readXml } from '../xml/read-xml.ts'

const DEFAULT_REGION = 'us-east-1'

/** A bucket can only be made where the server is. @throws S3Error */
const checkLocation = async (context: RequestContext): Promise<void> => {
  const { region } = context.site
  const { body } = context.request
  const text = body.length === undefined && !body.isChunkedTransfer ? '' : await readDocument(context)
  const root = text === '' ? undefined : readXml(text, 'CreateBucketConfiguration')
  const unknown = root?.children.find((child) => child.name !== 'LocationConstraint')
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
}

/** Object lock keeps versions, so it comes with them. */
const create = (store: Store, name: string, now: number, isLockable: boolean): void => {
  store.buckets.create(name, now)
  const bucket = isLockable ? store.buckets.find(name) : undefined
  if (bucket === undefined) return
  store.buckets.setVersioning(bucket.id, 'Enabled')
  store.buckets.setObjectLock(bucket.id, {})
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
    const ownership = request.headers.get('x-amz-object-ownership') ?? 'BucketOwnerEnforced'
    if (ownership !== 'BucketOwnerEnforced') {
      throw new S3Error('NotImplemented', { fields: { Header: 'x-amz-object-ownership' } })
    }
    const isLockable = request.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true'
    if (isLockable) authorise(principal, 's3:PutBucketObjectLockConfiguration', { bucket: name })
    refuseUnsupportedHeaders(request.headers)
    await checkLocation(context)
    await store.index.write(() => {
      if (store.buckets.find(name) === undefined) create(store, name, now, isLockable)
      // The oldest region has always answered a repetition with success.
      else if (site.region !== DEFAULT_REGION) {
        throw new S3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name } })
      }
    })
    return emptyReply(200, { location: `/${name}` })
  },
}
