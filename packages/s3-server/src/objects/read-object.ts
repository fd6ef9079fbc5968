import { requireReadable, restoreHeader } from './archived.ts'
import { parseByteRange } from './byte-range.ts'
import type { ByteRange } from './byte-range.ts'
import { checkReadConditions } from './conditions.ts'
import { prepareReading } from '../encryption/reading.ts'
import { findVersion, readVersionId } from './find-version.ts'
import { expirationHeader } from '../lifecycle/expiration-header.ts'
import { versionLockHeaders } from './object-lock-headers.ts'
import { describeVersion } from './object-headers.ts'
import type { Checksums } from '../checksum/checksum-algorithm.ts'
import { checksumHeaders } from './checksum-headers.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { UnwrapKey } from '../store/blobs/blob-store.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'

/** Query parameters of GET and HEAD on an object. */
export const READ_PARAMETERS = [
  'versionId',
  'partNumber',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]

/** What a read answers, all but the bytes. */
export type ObjectRead =
  | { readonly outcome: 'not-modified'; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly outcome: 'content'
      readonly status: 200 | 206
      readonly headers: Readonly<Record<string, string>>
      readonly version: ObjectVersion
      readonly range: ByteRange
      /** See `openContent`. */
      readonly unwrap: UnwrapKey | undefined
    }

const RESPONSE = 'response-'

const isControl = (text: string): boolean =>
  Array.from(text).some((character) => character !== '\t' && (character < ' ' || character === '\u007f'))

/**
 * Headers that a signed request may set in its answer.
 *
 * @throws S3Error InvalidArgument for control characters, InvalidRequest for a request without a signature
 */
const overrides = ({ request, principal }: RequestContext): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const name of READ_PARAMETERS) {
    const value = name.startsWith(RESPONSE) ? request.query.get(name) : undefined
    if (value === undefined) continue
    if (principal.identity.kind === 'anonymous') {
      throw new S3Error('InvalidRequest', {
        message: 'Request specific response headers cannot be used for anonymous GET requests.',
      })
    }
    if (isControl(value)) throw new S3Error('InvalidArgument', { fields: { ArgumentName: name } })
    // One char a byte is how Node writes headers; the bytes are those of UTF-8, as they were in the query.
    headers[name.slice(RESPONSE.length)] = Buffer.from(value).toString('latin1')
  }
  return headers
}

interface Place {
  readonly range: ByteRange
  readonly partial: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Those of the part that was asked for. */
  readonly partChecksums?: Checksums
}

/** @throws S3Error InvalidPartNumber, InvalidArgument or InvalidRange */
const place = ({ site, request }: RequestContext, version: ObjectVersion): Place => {
  const { size } = version
  const partText = request.query.get('partNumber')
  if (partText === undefined) {
    const range = parseByteRange(request.headers.get('range'), size)
    return { range: range ?? { start: 0, end: size }, partial: range !== undefined, headers: {} }
  }
  if (request.headers.has('range')) {
    throw new S3Error('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter' })
  }
  const number = /^[0-9]{1,5}$/.test(partText) ? Number(partText) : 0
  if (number < 1 || number > 10_000) {
    throw new S3Error('InvalidArgument', { message: 'Part number must be an integer between 1 and 10000, inclusive' })
  }
  const parts = version.blobId === undefined ? site.store.objects.parts(version.sequence) : []
  if (parts.length === 0) {
    if (number === 1) return { range: { start: 0, end: size }, partial: size > 0, headers: {} }
    throw new S3Error('InvalidPartNumber')
  }
  let start = 0
  for (const [at, part] of parts.entries()) {
    if (at + 1 === number) {
      return {
        range: { start, end: start + part.size },
        partial: true,
        headers: { 'x-amz-mp-parts-count': String(parts.length) },
        partChecksums: part.checksums,
      }
    }
    start += part.size
  }
  throw new S3Error('InvalidPartNumber', { fields: { ActualPartCount: String(parts.length) } })
}

/**
 * Everything of a GET or HEAD but the bytes.
 *
 * @throws S3Error NoSuchKey, PreconditionFailed, InvalidRange, InvalidObjectState and their kin
 */
export const readObject = (context: RequestContext, bucket: Bucket, key: string): ObjectRead => {
  const { site, request } = context
  const version = findVersion(site.store, bucket, key, readVersionId(request.query))
  const reading = prepareReading(context, version)
  const described = { ...describeVersion(bucket, version), ...reading.headers }
  if (checkReadConditions(request.headers, version) === 'not-modified') {
    const kept = ['etag', 'last-modified', 'cache-control', 'expires', 'x-amz-version-id']
    return {
      outcome: 'not-modified',
      headers: Object.fromEntries(Object.entries(described).filter(([name]) => kept.includes(name))),
    }
  }
  if (request.method === 'GET') requireReadable(version, context.now)
  const { range, partial, headers, partChecksums } = place(context, version)
  const whole = !partial || range.end - range.start === version.size
  const { checksums, checksumType } = version.attributes
  const wantsChecksums = request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  const sums =
    partChecksums === undefined
      ? checksumHeaders(whole ? checksums : {}, checksumType)
      : checksumHeaders(partChecksums, checksumType)
  return {
    outcome: 'content',
    status: partial ? 206 : 200,
    version,
    range,
    unwrap: reading.unwrap,
    headers: {
      ...described,
      ...headers,
      ...restoreHeader(version, context.now),
      ...versionLockHeaders(context, bucket, version.attributes),
      ...(request.query.has('versionId') ? {} : expirationHeader(site.store, bucket.id, version)),
      ...(wantsChecksums ? sums : {}),
      ...(partial ? { 'content-range': `bytes ${range.start}-${range.end - 1}/${version.size}` } : {}),
      ...overrides(context),
    },
  }
}
