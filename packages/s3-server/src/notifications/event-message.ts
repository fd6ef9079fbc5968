import type { EventName } from '../events/event-name.ts'
import type { ChangeEvent, EventDetails, QueuedEvent } from '../events/queued-event.ts'

/** What messages tell of the server that sends them. */
export interface EventSource {
  readonly region: string
  /** The canonical id of who owns every bucket. */
  readonly ownerId: string
}

/** Events that came to S3 later have a later version of the message. */
const versionOf = (name: EventName): string => (/^(Lifecycle|ObjectTagging)/.test(name) ? '2.3' : '2.1')

/** As Java's URLEncoder writes a form, which S3 does too, but for slashes. */
const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')

/** Compared as text it orders the events of a key: always as long. */
const sequencer = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(18, '0')

const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'

const objectOf = ({ key, size, etag, versionId }: ChangeEvent, sequence: number): object => ({
  key: encodeKey(key),
  size,
  eTag: etag,
  versionId,
  sequencer: sequencer(sequence),
})

/** What only some events tell, beside the object. */
const extraOf = ({ name, storageClass, restoredUntil }: ChangeEvent): object => {
  switch (name) {
    case 'LifecycleTransition':
      return { lifecycleEventData: { transitionEventData: { destinationStorageClass: storageClass } } }
    case 'ObjectRestore:Completed':
      return {
        glacierEventData: {
          restoreEventData: {
            lifecycleRestorationExpiryTime: new Date(restoredUntil ?? 0).toISOString(),
            lifecycleRestoreStorageClass: storageClass,
          },
        },
      }
    default:
      return {}
  }
}

const toRecord = (
  { sequence }: QueuedEvent,
  { origin, bucket, configurationId, event }: Extract<EventDetails, { readonly kind: 'change' }>,
  { region, ownerId }: EventSource,
): object => ({
  eventVersion: versionOf(event.name),
  eventSource: 'aws:s3',
  awsRegion: region,
  eventTime: new Date(origin.at).toISOString(),
  eventName: event.name,
  userIdentity: { principalId: origin.principalId },
  requestParameters: { sourceIPAddress: origin.address },
  responseElements: { 'x-amz-request-id': origin.requestId, 'x-amz-id-2': origin.requestId },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId,
    bucket: {
      name: bucket,
      ownerIdentity: { principalId: ownerId },
      arn: `arn:${partitionOf(region)}:s3:::${bucket}`,
    },
    object: objectOf(event, sequence),
  },
  ...extraOf(event),
})

/**
 * The body that tells of events. A test event is a message of its own.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const writeEventMessage = (events: readonly QueuedEvent[], source: EventSource): string => {
  const [first] = events
  if (first?.details.kind === 'test') {
    const { bucket, origin } = first.details
    return JSON.stringify({
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: new Date(origin.at).toISOString(),
      Bucket: bucket,
      RequestId: origin.requestId,
      HostId: origin.requestId,
    })
  }
  const records = events.flatMap((queued) =>
    queued.details.kind === 'change' ? [toRecord(queued, queued.details, source)] : [],
  )
  return JSON.stringify({ Records: records })
}
