import type { HeaderReader } from '../http/header-reader.ts'
import { S3Error } from '../s3-error.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'

type Tested = Pick<ObjectVersion, 'etag' | 'modifiedAt'>

const failed = (condition: string): S3Error => new S3Error('PreconditionFailed', { fields: { Condition: condition } })

/** Whether an `If-Match` kind of list names the tag. Weak tags and bare ones count, as on S3. */
const names = (list: string, etag: string): boolean =>
  list.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '')
    return tag === '*' || tag.replace(/^"(.*)"$/, '$1') === etag
  })

/** Seconds since 1970 of an HTTP date; undefined for one that can't be read, which is then passed over. */
const seconds = (text: string | undefined): number | undefined => {
  const parsed = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1000)
}

/**
 * The conditions of a read. When a tag condition is there, the date condition beside it does not count.
 *
 * @param prefix '' or `x-amz-copy-source-`
 * @returns whether the answer is 304 Not Modified
 * @throws S3Error PreconditionFailed
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export const checkReadConditions = (
  headers: HeaderReader,
  version: Tested,
  prefix = '',
): 'proceed' | 'not-modified' => {
  const modified = Math.floor(version.modifiedAt / 1000)
  const ifMatch = headers.get(`${prefix}if-match`)
  const unmodifiedSince = seconds(headers.get(`${prefix}if-unmodified-since`))
  if (ifMatch === undefined) {
    if (unmodifiedSince !== undefined && modified > unmodifiedSince) throw failed(`${prefix}If-Unmodified-Since`)
  } else if (!names(ifMatch, version.etag)) throw failed(`${prefix}If-Match`)
  const ifNoneMatch = headers.get(`${prefix}if-none-match`)
  const modifiedSince = seconds(headers.get(`${prefix}if-modified-since`))
  if (ifNoneMatch === undefined)
    return modifiedSince !== undefined && modified <= modifiedSince ? 'not-modified' : 'proceed'
  return names(ifNoneMatch, version.etag) ? 'not-modified' : 'proceed'
}

/** Conditions that S3 has for directory buckets alone; deleting without a look at them would be wrong. */
const OTHER_DELETE_CONDITIONS = ['x-amz-if-match-last-modified-time', 'x-amz-if-match-size']

/** The tag that what is deleted must have; `found` is undefined for nothing, and for a delete marker. */
export const checkDeleteTag = (ifMatch: string, found: Tested | undefined): void => {
  if (found === undefined) throw new S3Error('NoSuchKey')
  if (!names(ifMatch, found.etag)) throw failed('If-Match')
}

/**
 * The condition of a delete, against what would be deleted.
 *
 * @throws S3Error PreconditionFailed, NoSuchKey (nothing is there) or NotImplemented
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export const checkDeleteCondition = (headers: HeaderReader, found: Tested | undefined): void => {
  const other = OTHER_DELETE_CONDITIONS.find((name) => headers.has(name))
  if (other !== undefined) throw new S3Error('NotImplemented', { fields: { Header: other } })
  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) checkDeleteTag(ifMatch, found)
}

/**
 * The conditions of a write, against what is there now.
 *
 * @param find looks for that; called only when there are conditions
 * @throws S3Error PreconditionFailed, NoSuchKey (If-Match on nothing) or NotImplemented (If-None-Match with a tag)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const checkWriteConditions = (headers: HeaderReader, find: () => Tested | undefined): void => {
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw new S3Error('NotImplemented', { fields: { Header: 'If-None-Match' } })
    if (find() !== undefined) throw failed('If-None-Match')
  }
  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) {
    const current = find()
    if (current === undefined) throw new S3Error('NoSuchKey')
    if (!names(ifMatch, current.etag)) throw failed('If-Match')
  }
}
