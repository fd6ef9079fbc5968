import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import type { S3Action } from '../s3-action.ts'
import { S3Error } from '../s3-error.ts'
import type { S3ErrorCode } from '../s3-error.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

const empty = (name: string, subresource: string, action: S3Action, root: XmlElement): Operation => ({
  name,
  method: 'GET',
  scope: 'bucket',
  requires: [subresource],
  access: { by: 'signature', action },
  run: () => xmlReply(root),
})

const missing = (name: string, subresource: string, action: S3Action, code: S3ErrorCode): Operation => ({
  name,
  method: 'GET',
  scope: 'bucket',
  requires: [subresource],
  access: { by: 'signature', action },
  run: (_context, bucket) => {
    throw new S3Error(code, { fields: { BucketName: bucket.name } })
  },
})

/** A kind of which a bucket has many, each with an id: none is there. */
const none = (name: string, subresource: string, action: S3Action, root: string): readonly Operation[] => {
  const list = empty(`List${name}s`, subresource, action, element(root, [element('IsTruncated', 'false')]))
  const one = missing(`Get${name}`, subresource, action, 'NoSuchConfiguration')
  return [
    { ...list, allows: ['continuation-token'] },
    { ...one, requires: [subresource, 'id'] },
  ]
}

/** Settings that no bucket here can have, read as those of a bucket of S3 on which nobody has put them. */
export const unsetBucketSettings: readonly Operation[] = [
  empty('GetBucketLogging', 'logging', 's3:GetBucketLogging', element('BucketLoggingStatus', [])),
  empty(
    'GetBucketAccelerateConfiguration',
    'accelerate',
    's3:GetAccelerateConfiguration',
    element('AccelerateConfiguration', []),
  ),
  empty(
    'GetBucketRequestPayment',
    'requestPayment',
    's3:GetBucketRequestPayment',
    element('RequestPaymentConfiguration', [element('Payer', 'BucketOwner')]),
  ),
  missing('GetBucketWebsite', 'website', 's3:GetBucketWebsite', 'NoSuchWebsiteConfiguration'),
  missing(
    'GetBucketReplication',
    'replication',
    's3:GetReplicationConfiguration',
    'ReplicationConfigurationNotFoundError',
  ),
  ...none(
    'BucketAnalyticsConfiguration',
    'analytics',
    's3:GetAnalyticsConfiguration',
    'ListBucketAnalyticsConfigurationResult',
  ),
  ...none(
    'BucketInventoryConfiguration',
    'inventory',
    's3:GetInventoryConfiguration',
    'ListInventoryConfigurationsResult',
  ),
  ...none('BucketMetricsConfiguration', 'metrics', 's3:GetMetricsConfiguration', 'ListMetricsConfigurationsResult'),
  ...none(
    'BucketIntelligentTieringConfiguration',
    'intelligent-tiering',
    's3:GetIntelligentTieringConfiguration',
    'ListBucketIntelligentTieringConfigurationsOutput',
  ),
]
