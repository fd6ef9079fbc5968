import { validateHeaderName, validateHeaderValue } from 'node:http'
import { readEncryptionWish } from '../encryption/encryption-wish.ts'
import type { EncryptionWish } from '../encryption/encryption-wish.ts'
import type { HeaderReader } from '../http/header-reader.ts'
import { readVersionLock } from './object-lock-headers.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { NULL_VERSION } from '../store/tables/object-version.ts'
import type { ObjectAttributes, ObjectVersion } from '../store/tables/object-version.ts'
import { parseStorageClass } from './storage-class.ts'
import { readTagHeader } from './tags.ts'

/** Bytes of names and values together. */
const MAX_METADATA_BYTES = 2048
const META = 'x-amz-meta-'
const STORED_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
]
/** Lists that say no more than what always holds. S3 takes the second alone, but rclone sends the first with all it puts. */
const OWNERS_ACLS = new Set(['private', 'bucket-owner-full-control'])

/** Headers that would have to change what is done, and prefixes of such. */
const NOT_IMPLEMENTED = ['x-amz-write-offset-bytes', 'x-amz-mfa']

/** @throws S3Error NotImplemented or AccessControlListNotSupported for headers that must not be passed over */
export const refuseUnsupportedHeaders = (headers: HeaderReader): void => {
  for (const [name, value] of headers.entries()) {
    if (NOT_IMPLEMENTED.some((prefix) => name.startsWith(prefix))) {
      throw new S3Error('NotImplemented', { fields: { Header: name } })
    }
    if (name.startsWith('x-amz-grant-') || (name === 'x-amz-acl' && !OWNERS_ACLS.has(value))) {
      throw new S3Error('AccessControlListNotSupported')
    }
  }
}

/**
 * Form fields and query parameters may hold what a header can't, and a GET could then never be answered.
 *
 * @throws S3Error InvalidArgument
 */
const checkHeader = (name: string, value: string): void => {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (error) {
    throw new S3Error('InvalidArgument', { message: `${name} can't be sent as a header.`, cause: error })
  }
}

/** @throws S3Error MetadataTooLarge or InvalidArgument */
const readMetadata = (headers: HeaderReader): Record<string, string> => {
  const metadata: [name: string, value: string][] = []
  let bytes = 0
  for (const [name, value] of headers.entries()) {
    if (!name.startsWith(META)) continue
    checkHeader(name, value)
    metadata.push([name.slice(META.length), value])
    bytes += name.length - META.length + value.length
  }
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', {
      fields: { Size: String(bytes), MaxSizeAllowed: String(MAX_METADATA_BYTES) },
    })
  }
  return Object.fromEntries(metadata)
}

const readStoredHeaders = (headers: HeaderReader): Record<string, string> => {
  const stored: Record<string, string> = {}
  for (const name of STORED_HEADERS) {
    const value = headers.get(name)
    if (value === undefined) continue
    checkHeader(name, value)
    // The framing of the request is not an encoding of the object.
    const kept =
      name === 'content-encoding'
        ? value
            .split(',')
            .map((encoding) => encoding.trim())
            .filter((encoding) => encoding.toLowerCase() !== 'aws-chunked')
            .join(', ')
        : value
    if (kept !== '') stored[name] = kept
  }
  stored['content-type'] ??= 'binary/octet-stream'
  return stored
}

/** What an upload says its object shall be, before any byte is read. */
export interface UploadDescription {
  readonly attributes: ObjectAttributes
  readonly storageClass: string
  readonly encryption: EncryptionWish
}

/** @throws S3Error InvalidStorageClass */
export const readStorageClass = (headers: HeaderReader): string => {
  const storageClass = parseStorageClass(headers.get('x-amz-storage-class') ?? 'STANDARD')
  if (storageClass === undefined) throw new S3Error('InvalidStorageClass')
  return storageClass
}

/** @throws S3Error for metadata too large, tags or classes that are not valid, and headers that are not supported */
export const readUploadDescription = (context: RequestContext, bucket: Bucket): UploadDescription => {
  const { headers } = context.request
  refuseUnsupportedHeaders(headers)
  const tagging = headers.get('x-amz-tagging')
  return {
    attributes: {
      headers: readStoredHeaders(headers),
      metadata: readMetadata(headers),
      tags: tagging === undefined ? [] : readTagHeader(tagging),
      checksums: {},
      ...readVersionLock(context, bucket),
    },
    storageClass: readStorageClass(headers),
    encryption: readEncryptionWish(context, bucket),
  }
}

/** S3 shows version ids once a bucket has, or had, versions. */
export const versionHeader = (bucket: Bucket, versionId: string): Record<string, string> =>
  bucket.versioning === 'Unversioned' && versionId === NULL_VERSION ? {} : { 'x-amz-version-id': versionId }

/** What a write answers: S3 names no version while versions are suspended, though the one it made is called null. */
export const writtenVersionHeader = (versionId: string): Record<string, string> =>
  versionId === NULL_VERSION ? {} : { 'x-amz-version-id': versionId }

/**
 * Metadata beyond ASCII as S3 sends it: as an encoded word of the characters that its bytes are in Latin-1.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
const mailSafe = (value: string): string =>
  /^[\0-\x7f]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`

/** What GET and HEAD answer about a version, whatever part of it is sent. */
export const describeVersion = (bucket: Bucket, version: ObjectVersion): Record<string, string> => {
  const { attributes } = version
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modifiedAt).toUTCString(),
    ...attributes.headers,
    ...versionHeader(bucket, version.versionId),
  }
  for (const [name, value] of Object.entries(attributes.metadata)) headers[META + name] = mailSafe(value)
  if (attributes.tags.length > 0) headers['x-amz-tagging-count'] = String(attributes.tags.length)
  if (version.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = version.storageClass
  return headers
}
