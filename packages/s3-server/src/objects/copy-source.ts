import { decodePath } from '@skycrate/core/sigv4/decode'
import { requireReadable } from './archived.ts'
import { authorise } from '../auth/authorise.ts'
import { checkReadConditions } from './conditions.ts'
import { findBucket } from './find-bucket.ts'
import { findVersion } from './find-version.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'

const PREFIX = 'x-amz-copy-source-'
const VERSION = /\?versionId=([^&]*)$/

/** Where a copy comes from; the caller has been let read it. */
export interface CopySource {
  readonly bucket: Bucket
  readonly version: ObjectVersion
}

/**
 * Looks up the source of a copy, asks whether the caller may read it, and checks the copy's conditions. Everything that
 * reads a source goes through here.
 *
 * @throws S3Error InvalidArgument, AccessDenied, NoSuchBucket, NoSuchKey, NoSuchVersion, InvalidRequest (a delete marker)
 *   PreconditionFailed or
 *   InvalidObjectState (archived)
 */
export const findCopySource = ({ site: { store }, request, principal, now }: RequestContext): CopySource => {
  const invalid = (message: string): S3Error =>
    new S3Error('InvalidArgument', { message, fields: { ArgumentName: 'x-amz-copy-source' } })
  const header = request.headers.get('x-amz-copy-source') ?? ''
  const [suffix, versionText] = VERSION.exec(header) ?? []
  const path = decodePath(suffix === undefined ? header : header.slice(0, -suffix.length))?.replace(/^\//, '')
  const versionId = versionText === undefined ? undefined : decodePath(versionText)
  const slash = path?.indexOf('/') ?? -1
  if (path === undefined || slash < 1 || slash === path.length - 1) {
    throw invalid('Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  }
  if (versionText !== undefined && (versionId === undefined || versionId === '')) {
    throw invalid('Version id cannot be the empty string')
  }
  const key = path.slice(slash + 1)
  const name = path.slice(0, slash)
  const resource = { bucket: name, key, ...(versionId === undefined ? {} : { versionId }) }
  authorise(principal, versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', resource)
  const bucket = findBucket(store, name)
  let version: ObjectVersion
  try {
    version = findVersion(store, bucket, key, versionId)
  } catch (error) {
    const code = error instanceof S3Error ? error.code : undefined
    if (code === 'NoSuchKey' && !principal.may('s3:ListBucket', { bucket: name })) throw new S3Error('AccessDenied')
    if (code === 'MethodNotAllowed') {
      throw new S3Error('InvalidRequest', {
        message: 'The source of a copy request may not specifically refer to a delete marker by version id.',
      })
    }
    throw error
  }
  if (checkReadConditions(request.headers, version, PREFIX) === 'not-modified') {
    const condition = request.headers.has(`${PREFIX}if-none-match`) ? 'If-None-Match' : 'If-Modified-Since'
    throw new S3Error('PreconditionFailed', { fields: { Condition: `${PREFIX}${condition}` } })
  }
  requireReadable(version, now, "Operation is not valid for the source object's storage class")
  return { bucket, version }
}
