/**
 * Every event that is raised here, as a configuration names it without its `s3:`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export const EVENT_NAMES = [
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'ObjectRestore:Post',
  'ObjectRestore:Completed',
  'ObjectTagging:Put',
  'ObjectTagging:Delete',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
  'LifecycleTransition',
] as const

export type EventName = (typeof EVENT_NAMES)[number]

const PREFIX = 's3:'
const FAMILIES = new Set(EVENT_NAMES.filter((name) => name.includes(':')).map((name) => `${name.split(':', 1)[0]}:*`))

/** Whether a configuration may ask for it: `s3:ObjectCreated:Put`, or a whole family as `s3:ObjectCreated:*`. */
export const isEventType = (text: string): boolean => {
  if (!text.startsWith(PREFIX)) return false
  const name = text.slice(PREFIX.length)
  return FAMILIES.has(name) || EVENT_NAMES.some((known) => known === name)
}

/** Whether an event type of a configuration is about an event. */
export const coversEvent = (type: string, name: EventName): boolean => {
  const asked = type.slice(PREFIX.length)
  return asked.endsWith(':*') ? name.startsWith(asked.slice(0, -1)) : asked === name
}
