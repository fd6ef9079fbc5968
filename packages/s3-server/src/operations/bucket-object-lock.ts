import { refreshBucket } from '../objects/find-bucket.ts'
import { readXmlDocument } from '../http/read-document.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { LOCK_MODES } from '../store/tables/object-lock.ts'
import type { ObjectLock } from '../store/tables/object-lock.ts'
import { childrenOf, optionalText, requiredChild, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

/** S3's longest retention is 100 years. */
const MAX_COUNT = { Days: 36_500, Years: 100 } as const

/** @throws S3Error MalformedXML or InvalidRetentionPeriod */
const readObjectLock = (root: XmlNode): ObjectLock => {
  if (requiredText(root, 'ObjectLockEnabled') !== 'Enabled') throw new S3Error('MalformedXML')
  if (childrenOf(root, 'Rule').length === 0) return {}
  const rule = requiredChild(requiredChild(root, 'Rule'), 'DefaultRetention')
  const mode = LOCK_MODES.find((name) => name === requiredText(rule, 'Mode'))
  const days = optionalText(rule, 'Days')?.trim()
  const years = optionalText(rule, 'Years')?.trim()
  const text = days ?? years
  if (mode === undefined || text === undefined || (days !== undefined && years !== undefined)) {
    throw new S3Error('MalformedXML')
  }
  if (!/^-?[0-9]{1,9}$/.test(text)) throw new S3Error('MalformedXML')
  const unit = days === undefined ? 'Years' : 'Days'
  const count = Number(text)
  if (count < 1 || count > MAX_COUNT[unit]) {
    throw new S3Error('InvalidRetentionPeriod', {
      message: 'Default retention period must be a positive integer value.',
    })
  }
  return { defaultRetention: { mode, unit, count } }
}

export const bucketObjectLock: readonly Operation[] = [
  {
    name: 'GetObjectLockConfiguration',
    method: 'GET',
    scope: 'bucket',
    requires: ['object-lock'],
    access: { by: 'signature', action: 's3:GetBucketObjectLockConfiguration' },
    run: (_context, { name, objectLock }) => {
      if (objectLock === undefined) {
        throw new S3Error('ObjectLockConfigurationNotFoundError', { fields: { BucketName: name } })
      }
      const rule = objectLock.defaultRetention
      return xmlReply(
        element('ObjectLockConfiguration', [
          element('ObjectLockEnabled', 'Enabled'),
          rule === undefined
            ? undefined
            : element('Rule', [
                element('DefaultRetention', [element('Mode', rule.mode), element(rule.unit, rule.count)]),
              ]),
        ]),
      )
    },
  },
  {
    name: 'PutObjectLockConfiguration',
    method: 'PUT',
    scope: 'bucket',
    requires: ['object-lock'],
    access: { by: 'signature', action: 's3:PutBucketObjectLockConfiguration' },
    run: async (context, bucket) => {
      const { store } = context.site
      const lock = readObjectLock(await readXmlDocument(context, 'ObjectLockConfiguration'))
      await store.index.write(() => {
        const fresh = refreshBucket(store, bucket)
        if (fresh.versioning !== 'Enabled') {
          throw new S3Error('InvalidBucketState', {
            message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
          })
        }
        store.buckets.setObjectLock(fresh.id, lock)
      })
      return emptyReply(200)
    },
  },
]
