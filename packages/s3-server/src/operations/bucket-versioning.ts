import { refreshBucket } from '../objects/find-bucket.ts'
import { readXmlDocument } from '../http/read-document.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { optionalText } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

export const bucketVersioning: readonly Operation[] = [
  {
    name: 'GetBucketVersioning',
    method: 'GET',
    scope: 'bucket',
    requires: ['versioning'],
    access: { by: 'signature', action: 's3:GetBucketVersioning' },
    run: (_context, { versioning }) =>
      xmlReply(
        element('VersioningConfiguration', [versioning === 'Unversioned' ? undefined : element('Status', versioning)]),
      ),
  },
  {
    name: 'PutBucketVersioning',
    method: 'PUT',
    scope: 'bucket',
    requires: ['versioning'],
    access: { by: 'signature', action: 's3:PutBucketVersioning' },
    run: async (context, bucket) => {
      const { store } = context.site
      const root = await readXmlDocument(context, 'VersioningConfiguration')
      const status = optionalText(root, 'Status')
      if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('IllegalVersioningConfigurationException')
      if (optionalText(root, 'MfaDelete') === 'Enabled') {
        throw new S3Error('NotImplemented', { message: 'MfaDelete is not implemented.' })
      }
      await store.index.write(() => {
        const fresh = refreshBucket(store, bucket)
        if (fresh.objectLock !== undefined && status !== 'Enabled') {
          throw new S3Error('InvalidBucketState', {
            message:
              'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
          })
        }
        store.buckets.setVersioning(fresh.id, status)
      })
      return emptyReply(200)
    },
  },
]
