import { refreshBucket } from '../objects/find-bucket.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import type { NotificationConfiguration } from '../events/notification-configuration.ts'
import { readNotifications } from '../notifications/read-notifications.ts'
import { writeNotifications } from '../notifications/write-notifications.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'

const SKIP = 'x-amz-skip-destination-validation'

/** There is none to delete it: an empty configuration takes the place of the one before. */
export const bucketNotification: readonly Operation[] = [
  {
    name: 'GetBucketNotificationConfiguration',
    method: 'GET',
    scope: 'bucket',
    requires: ['notification'],
    access: { by: 'signature', action: 's3:GetBucketNotification' },
    run: ({ site: { store } }, bucket) => {
      const document = store.buckets.setting(bucket.id, 'notification')
      const configuration: NotificationConfiguration =
        document === undefined ? { rules: [] } : (JSON.parse(document) as NotificationConfiguration)
      return xmlReply(writeNotifications(configuration))
    },
  },
  {
    name: 'PutBucketNotificationConfiguration',
    method: 'PUT',
    scope: 'bucket',
    requires: ['notification'],
    access: { by: 'signature', action: 's3:PutBucketNotification' },
    run: async (context, bucket) => {
      const { site, request } = context
      const { store } = site
      // What names no webhook here would be told to nobody.
      if (request.headers.get(SKIP)?.toLowerCase() === 'true') {
        throw new S3Error('NotImplemented', { fields: { Header: SKIP } })
      }
      const root = await readXmlDocument(context, 'NotificationConfiguration')
      const configuration = readNotifications(root, site)
      const { rules } = configuration
      await store.index.write(() => {
        const fresh = refreshBucket(store, bucket)
        if (rules.length === 0) {
          store.buckets.deleteSetting(fresh.id, 'notification')
          return
        }
        store.buckets.putSetting(fresh.id, 'notification', JSON.stringify(configuration))
        const origin = requestOrigin(context)
        for (const webhook of new Set(rules.map((rule) => rule.webhook))) store.events.raiseTest(fresh, webhook, origin)
      })
      return emptyReply(200)
    },
  },
]
