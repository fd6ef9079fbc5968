import { isArchive, restoredUntil } from '../objects/archived.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { findVersion, readVersionId } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { dueAfter } from '../lifecycle/decide-lifecycle.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import type { Operation } from '../operation.ts'
import { S3Error } from '../s3-error.ts'
import { optionalText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'

const MAX_DAYS = 2_147_483_647
/** Days beyond which a date can't be written any more, about 270,000 years. */
const WRITABLE_DAYS = 90_000_000
const TIERS = ['Standard', 'Bulk', 'Expedited']
const KNOWN = new Set(['Days', 'Description', 'GlacierJobParameters', 'Tier'])

/** How many days the object is to stay readable. @throws S3Error MalformedXML, InvalidArgument or NotImplemented */
const readDays = (root: XmlNode): number => {
  // The others select from an object, and write to another.
  const other = root.children.find(({ name }) => !KNOWN.has(name))
  if (other !== undefined) {
    throw new S3Error('NotImplemented', { message: `RestoreObject with ${other.name} is not implemented.` })
  }
  const job = root.children.find(({ name }) => name === 'GlacierJobParameters')
  for (const tier of [optionalText(root, 'Tier'), job === undefined ? undefined : optionalText(job, 'Tier')]) {
    if (tier !== undefined && !TIERS.includes(tier)) throw new S3Error('MalformedXML')
  }
  const text = optionalText(root, 'Days')?.trim()
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) throw new S3Error('MalformedXML')
  const days = Number(text)
  if (days < 1 || days > MAX_DAYS) {
    throw new S3Error('InvalidArgument', {
      message: 'restoration days should be at least 1',
      fields: { ArgumentName: 'Days', ArgumentValue: text },
    })
  }
  return Math.min(days, WRITABLE_DAYS)
}

/**
 * Makes an archived object readable for some days: at once, whatever tier was asked for. Asked again, it sets another
 * number of days from now on.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
 */
export const restoreObject: Operation = {
  name: 'RestoreObject',
  method: 'POST',
  scope: 'object',
  requires: ['restore'],
  allows: ['versionId'],
  access: { by: 'signature', action: 's3:RestoreObject' },
  run: async (context, bucket, key) => {
    const { site, request, now } = context
    const { store } = site
    const until = dueAfter(now, readDays(await readXmlDocument(context, 'RestoreRequest', 'MalformedXML')))
    const before = await store.index.write(() => {
      const fresh = refreshBucket(store, bucket)
      const found = findVersion(store, fresh, key, readVersionId(request.query))
      if (!isArchive(found.storageClass)) {
        throw new S3Error('InvalidObjectState', {
          message: "Restore is not allowed for the object's current storage class",
          fields: { StorageClass: found.storageClass },
        })
      }
      store.objects.setAttributes(found, { ...found.attributes, restoredUntil: until })
      const already = restoredUntil(found, now)
      const { size, etag, storageClass, versionId } = found
      const origin = requestOrigin(context)
      store.events.raise(fresh, { name: 'ObjectRestore:Post', key, size, etag, versionId }, origin)
      if (already === undefined) {
        const completed = { name: 'ObjectRestore:Completed', key, size, etag, versionId, storageClass } as const
        store.events.raise(fresh, { ...completed, restoredUntil: until }, origin)
      }
      return already
    })
    return { status: before === undefined ? 202 : 200 }
  },
}
