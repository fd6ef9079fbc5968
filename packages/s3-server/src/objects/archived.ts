import { isoTime } from '../iso-time.ts'
import { S3Error } from '../s3-error.ts'
import type { ObjectAttributes, ObjectVersion } from '../store/tables/object-version.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

type Archivable = Pick<ObjectVersion, 'storageClass' | 'attributes'>

/** Whether objects of the class must be restored before they can be read. */
export const isArchive = (storageClass: string): boolean =>
  storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'

/** Until when the object stands restored; undefined for one that is not archived, or not restored now. */
export const restoredUntil = (
  {
    storageClass,
    attributes,
  }: { readonly storageClass: string; readonly attributes: Pick<ObjectAttributes, 'restoredUntil'> },
  now: number,
): number | undefined => {
  const { restoredUntil: until } = attributes
  return isArchive(storageClass) && until !== undefined && until > now ? until : undefined
}

/**
 * The bytes of an archived object are here like all others, but who moves to AWS would not get them there.
 *
 * @param message another one than S3's usual
 * @throws S3Error InvalidObjectState for an archived object that is not restored
 */
export const requireReadable = (version: Archivable, now: number, message?: string): void => {
  if (!isArchive(version.storageClass) || restoredUntil(version, now) !== undefined) return
  throw new S3Error('InvalidObjectState', {
    ...(message === undefined ? {} : { message }),
    fields: { StorageClass: version.storageClass },
  })
}

/** What GET and HEAD tell of a restored object. */
export const restoreHeader = (version: Archivable, now: number): Record<string, string> => {
  const until = restoredUntil(version, now)
  if (until === undefined) return {}
  return { 'x-amz-restore': `ongoing-request="false", expiry-date="${new Date(until).toUTCString()}"` }
}

/** What a listing that was asked for it tells. */
export const restoreStatusElement = (version: Archivable, now: number): XmlElement | undefined => {
  const until = restoredUntil(version, now)
  if (until === undefined) return undefined
  return element('RestoreStatus', [element('IsRestoreInProgress', false), element('RestoreExpiryDate', isoTime(until))])
}
